// The caller of the model of switching, and what it has been promised of its prompts.
import type { Subscription } from 'rxjs';
import type { RealtimeClient } from '../../../core/session/client/realtime-client.js';
import {
  createMemoryLocalStream,
  type MemoryLocalStream,
  type MemoryRemoteStream,
} from '../../../transports/memory/index.js';
import { type AccountSession, MAX_SESSION_MS } from './account.js';
import type { Chain, Chains } from './chains.js';
import { type SwitchingStep, wishes } from './schedule.js';

const texts = ['a', 'b', 'c'] as const;
/** Some are over before a session is renewed, some after that. */
const limits = [7, 15] as const;

export interface SwitchingCallerDeps {
  guarded<A extends unknown[]>(job: (...args: A) => void): (...args: A) => void;
  note(line: string): void;
}

export class SwitchingCaller {
  readonly #realtime: RealtimeClient<MemoryLocalStream, MemoryRemoteStream>;
  readonly #chains: Chains;
  readonly #deps: SwitchingCallerDeps;
  #latest: { readonly chain: Chain; readonly subscription: Subscription } | null = null;
  /** Of the chain that is shown: the last prompt that was reported as done. */
  #done: { readonly chain: Chain; readonly prompt: string; readonly call: number } | null = null;
  #calls = 0;
  #pendingPrompts = 0;

  constructor(
    realtime: RealtimeClient<MemoryLocalStream, MemoryRemoteStream>,
    chains: Chains,
    deps: SwitchingCallerDeps,
  ) {
    this.#realtime = realtime;
    this.#chains = chains;
    this.#deps = deps;
  }

  act(step: Exclude<SwitchingStep, { type: 'fault' | 'wait' }>): void {
    switch (step.type) {
      case 'connect':
      case 'switch':
        return this.#open(step.type, step.wish);
      case 'prompt':
        return this.#prompt(texts[step.text] ?? 'a');
      case 'leave': {
        if (this.#latest === null) return;
        const { chain, subscription } = this.#latest;
        if (!chain.isOver) {
          chain.excuses.add('left');
          this.#chains.over(chain, 'left');
        }
        return subscription.unsubscribe();
      }
      case 'disconnect':
        for (const chain of this.#chains.all) chain.excuses.add('disconnect');
        return void this.#realtime.disconnect();
    }
  }

  /** With nothing on its way, the service shows the last prompt that was reported as done. */
  checkPrompt(present: AccountSession): void {
    if (this.#done === null || this.#pendingPrompts > 0 || present.chain !== this.#done.chain.name) return;
    // A renewed session may refuse what the one before it took.
    if (present.prompt !== this.#done.prompt && !present.refused.has(this.#done.prompt))
      throw new Error(`session-${present.number} shows ${present.prompt}; reported as done was ${this.#done.prompt}.`);
  }

  #open(how: 'connect' | 'switch', wish: number): void {
    const has = (bit: number): boolean => (wish & bit) !== 0;
    const limitS = limits[wish % 2] ?? 7;
    const chain = this.#chains.begin(how, has(wishes.limit) ? limitS : Number.POSITIVE_INFINITY);
    // A connect ends whatever there is; what a switch replaces ends when that is shown, or has to make room for it.
    for (const other of this.#chains.all) if (other !== chain && how === 'connect') other.excuses.add('replaced');
    const options = {
      model: 'lucy-2.1',
      queryParams: { chain: chain.name },
      recoverStalledAfterMs: false as const,
      publishCamera: has(wishes.camera),
      ...(has(wishes.renewal) && { maxSessionDuration: MAX_SESSION_MS / 1000, renewBeforeMs: 8000 }),
      ...(has(wishes.limit) && { limits: { maxSeconds: limitS } }),
      ...(has(wishes.waits) && { whenFull: 'wait' as const }),
      ...(has(wishes.prompt) && { initialPrompt: { text: texts[wish % 3] ?? 'a' } }),
    };
    const localStream = has(wishes.camera) ? undefined : createMemoryLocalStream();
    const session$ =
      how === 'connect'
        ? this.#realtime.session$(options, localStream)
        : this.#realtime.switchTo$(options, localStream);
    const { guarded } = this.#deps;
    const subscription = session$.subscribe({
      next: guarded(() => this.#chains.shown(chain)),
      error: guarded((error: { code?: string }) => this.#chains.over(chain, error.code ?? String(error))),
      complete: guarded(() => this.#chains.over(chain, 'done')),
    });
    this.#latest = { chain, subscription };
  }

  #prompt(text: string): void {
    const { sessionId } = this.#realtime;
    const chain = this.#chains.all.find(({ sessions }) =>
      sessions.some((each) => `session-${each.number}` === sessionId),
    );
    this.#calls += 1;
    const call = this.#calls;
    let settled = 0;
    this.#pendingPrompts += 1;
    const settle = (how: string): void => {
      settled += 1;
      this.#pendingPrompts -= 1;
      this.#deps.note(`  = prompt ${text} ${how}`);
      if (settled > 1) throw new Error(`The prompt ${text} settles for the ${settled}. time.`);
      // In the order of the calls, whichever ack comes first.
      if (how === 'done' && chain !== undefined && call > (this.#done?.call ?? 0))
        this.#done = { chain, prompt: text, call };
    };
    this.#realtime.setPrompt$(text).subscribe({
      error: this.#deps.guarded((error: { code?: string }) => settle(error.code ?? String(error))),
      complete: this.#deps.guarded(() => settle('done')),
    });
  }
}
