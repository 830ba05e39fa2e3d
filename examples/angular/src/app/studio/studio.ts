import { Component, computed, effect, signal } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { RouterLink } from '@angular/router';
import {
  type DecartConnect,
  DecartStream,
  injectDecart,
  injectDecartCamera,
  injectDecartSession,
} from 'decart-rx/angular';
import { map, merge, scan } from 'rxjs';
import { Measures } from './measures';

type Source = 'test-pattern' | 'camera';

const MODELS = ['lucy-2.1', 'lucy-restyle-2'] as const;
const EVENTS_SHOWN = 8;

/** A session: what goes in, what comes back, and what is asked for. */
@Component({ selector: 'app-studio', imports: [DecartStream, Measures, RouterLink], templateUrl: './studio.html' })
export class Studio {
  protected readonly models = MODELS;
  protected readonly suggestions = ['Neon city at night', 'Pencil sketch', 'Claymation', 'Autumn forest'];

  protected readonly isOn = signal(false);
  protected readonly model = signal<(typeof MODELS)[number]>('lucy-2.1');
  protected readonly source = signal<Source>('test-pattern');
  protected readonly isMirrored = signal(false);
  protected readonly prompt = signal('Watercolor at dawn');
  protected readonly needsClick = signal(false);

  protected readonly pattern = injectDecartCamera(() => this.size('test-pattern'), {
    source: 'test-pattern',
    debugQuality: true,
  });
  protected readonly camera = injectDecartCamera(() => this.size('camera'), { debugQuality: true });
  protected readonly localStream = computed(() => this.pattern.stream() ?? this.camera.stream());

  protected readonly session = injectDecartSession({
    connect: (): DecartConnect | null => {
      const localStream = this.localStream();
      return this.isOn() && localStream ? { model: this.model(), localStream, debugQuality: true } : null;
    },
    prompt: this.prompt,
  });
  protected readonly error = computed(() => this.session.error() ?? this.pattern.error() ?? this.camera.error());
  /** For others to watch. */
  protected readonly watchToken = toSignal(
    injectDecart().realtime.sessionStarted$.pipe(map((started) => started?.subscribeToken ?? null)),
    { initialValue: null },
  );
  protected readonly events = toSignal(recentEvents(injectDecart()), { initialValue: [] });

  constructor() {
    effect(() => {
      this.localStream()?.setMirror(this.isMirrored() ? 'on' : 'off');
    });
  }

  /** The video is there before the session, as a preview. */
  private size(source: Source): { readonly model: string } | null {
    return this.source() === source ? { model: this.model() } : null;
  }
}

/** Latest first. */
const recentEvents = ({ realtime }: ReturnType<typeof injectDecart>) =>
  merge(
    realtime.connectionState$.pipe(map((state) => `session ${state}`)),
    realtime.diagnostics$.pipe(map(({ name }) => name)),
    realtime.errors$.pipe(map(({ code }) => code)),
  ).pipe(scan<string, readonly string[]>((shown, event) => [event, ...shown].slice(0, EVENTS_SHOWN), []));
