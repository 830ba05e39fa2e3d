// What a session, a camera and a viewer have in common: a signal says what is wanted, and errors are shown once.
import {
  assertInInjectionContext,
  computed,
  DestroyRef,
  effect,
  Injector,
  inject,
  type Signal,
  signal,
  untracked,
} from '@angular/core';
import type { Subscription } from 'rxjs';
import type { DecartError } from '../../core/errors.js';
import { type DecartContext, decartErrorOf, injectContext } from './context.js';

/** What `inject…()` calls for use outside of an injection context take. */
export interface InjectorOption {
  /** For use outside of an injection context. */
  readonly injector?: Injector | undefined;
}

/** The injector that a call has to do with. @throws Error outside of an injection context */
export function injectorOf(caller: (...args: never[]) => unknown, { injector }: InjectorOption = {}): Injector {
  if (injector) return injector;
  assertInInjectionContext(caller);
  return inject(Injector);
}

/** Runs what is wanted, one at a time, until `null` is or the injector is destroyed. On a server nothing is run. */
export class Wanted<T> {
  readonly context: DecartContext;
  readonly #error = signal<DecartError | null>(null);
  readonly #attempt = signal(0);
  #running: Subscription | null = null;

  /** @param run outside of the zone; its subscription closes when it has ended by itself */
  constructor(injector: Injector, caller: string, wanted: () => T | null, run: (wanted: T) => Subscription) {
    this.context = injectContext(caller, injector);
    if (!this.context.isBrowser) return;
    const value = computed(wanted);
    const stop = (): void => this.#running?.unsubscribe();
    effect(
      () => {
        this.#attempt();
        const next = value();
        untracked(() => {
          stop();
          this.#error.set(null);
          this.#running = next === null ? null : this.context.outsideZone(() => run(next));
        });
      },
      { injector },
    );
    injector.get(DestroyRef).onDestroy(stop);
  }

  /** The latest error since the last start. */
  get error(): Signal<DecartError | null> {
    return this.#error.asReadonly();
  }

  /** Shows an error, unless it has been shown elsewhere, or is what the app asked for. */
  show(error: DecartError): void {
    if (error.code !== 'ABORTED' && this.context.claim(error)) this.#error.set(error);
  }

  /** Shows, and reports, an error that `errors$` of the client does not carry. */
  fail(cause: unknown): void {
    const error = decartErrorOf(cause);
    if (error.code === 'ABORTED') return;
    this.show(error);
    this.context.report(error);
  }

  /** Runs again what is wanted, if it has ended. */
  retry(): void {
    if (this.#running?.closed) this.#attempt.update((count) => count + 1);
  }
}
