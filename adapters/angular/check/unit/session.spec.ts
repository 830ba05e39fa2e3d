import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  Component,
  ErrorHandler,
  Injector,
  PLATFORM_ID,
  provideZonelessChangeDetection,
  runInInjectionContext,
  signal,
} from '@angular/core';
import { TestBed } from '@angular/core/testing';
import {
  type DecartConnect,
  DecartStream,
  injectDecart,
  injectDecartCamera,
  injectDecartSession,
  injectDecartStats,
  injectDecartViewer,
  provideDecart,
  withClient,
  withErrorHandler,
} from 'decart-rx/angular';
import { advance, assertComplete, DecartTesting, provideDecartTesting, scenario } from 'decart-rx/angular/testing';

const received = (socket: number): string[] => {
  const frames = TestBed.inject(DecartTesting).network.sockets[socket]?.received ?? [];
  return frames.map((frame) => JSON.parse(frame)).map(({ type, prompt }) => (type === 'prompt' ? prompt : type));
};

@Component({
  selector: 'app-studio',
  imports: [DecartStream],
  template: `<b>{{ s.status() }}</b> <video [decartStream]="s" muted (playbackRefused)="refused.set(true)"></video>
    @if (s.error(); as e) { <p role="alert">{{ e.code }}</p> }`,
})
class Studio {
  readonly options = signal<DecartConnect | null>(null);
  readonly prompt = signal('Watercolor at dawn');
  readonly refused = signal(false);
  readonly s = injectDecartSession({ connect: this.options, prompt: this.prompt });
}

function studio(script = scenario().serve(), ...features: Parameters<typeof provideDecart>[1][]) {
  TestBed.configureTestingModule({
    providers: [provideZonelessChangeDetection(), provideDecartTesting(script, ...features)],
  });
  const fixture = TestBed.createComponent(Studio);
  const { componentInstance: app, nativeElement } = fixture;
  const element: HTMLElement = nativeElement;
  const video = element.querySelector('video');
  assert.ok(video);
  return { fixture, app, element, video, testing: TestBed.inject(DecartTesting) };
}

describe('injectDecartSession()', () => {
  test('follows what is wanted, and closes everything with the component', async () => {
    const { fixture, app, element, testing } = studio();
    await advance();
    assert.equal(element.textContent?.trim(), 'disconnected');
    assert.equal(app.s.session(), null);
    app.options.set({ model: 'lucy-2.1' });
    await advance();
    assert.equal(app.s.status(), 'generating');
    assert.equal(app.s.isLive(), true);
    assert.equal(element.querySelector('b')?.textContent, 'generating');
    assert.equal(app.s.session()?.sessionId, 'session-1');
    assert.deepEqual(received(0), ['livekit_join', 'Watercolor at dawn']);
    app.options.set(null);
    await advance();
    assert.equal(app.s.status(), 'disconnected');
    assert.equal(app.s.remoteStream(), null);
    assert.deepEqual(testing.network.open, { sockets: 0, rooms: 0, streams: 0 });
    app.options.set({ model: 'lucy-2.1' });
    await advance();
    assert.equal(app.s.session()?.sessionId, 'session-2');
    fixture.destroy();
    await advance();
    assert.deepEqual(testing.network.open, { sockets: 0, rooms: 0, streams: 0 });
    assertComplete();
  });

  test('sends the last of three quick edits, which is applied again after a reconnect', async () => {
    const { app, testing } = studio();
    app.options.set({ model: 'lucy-2.1' });
    await advance();
    for (const text of ['a', 'ab', 'abc']) {
      app.prompt.set(text);
      await advance(50);
    }
    assert.equal(app.s.promptPending(), true);
    await advance(300);
    assert.equal(app.s.promptPending(), false);
    assert.deepEqual(received(0), ['livekit_join', 'Watercolor at dawn', 'abc']);
    testing.network.sockets[0]?.closeByServer(1011, '');
    await advance();
    assert.equal(app.s.status(), 'generating');
    assert.deepEqual(received(1), ['livekit_join', 'abc']);
  });

  test('sends a prompt that changed over a reconnect once it is live again', async () => {
    const { app, testing } = studio();
    app.options.set({ model: 'lucy-2.1', reconnect: { initialDelayMs: 1_000, jitter: 0 } });
    await advance();
    testing.network.sockets[0]?.closeByServer(1011, '');
    app.prompt.set('Neon city');
    await advance(5_000);
    assert.equal(app.s.status(), 'generating');
    assert.equal(received(1).at(-1), 'Neon city');
    assert.equal(app.s.error(), null);
  });

  test('shows a refused prompt once, and does not send it again', async () => {
    const script = scenario()
      .expectJoin()
      .roomInfo()
      .expectPrompt('Watercolor at dawn')
      .ack()
      .expectPrompt('rude')
      .ack({ error: 'Moderated' })
      .serve();
    const errors: unknown[] = [];
    TestBed.configureTestingModule({
      providers: [{ provide: ErrorHandler, useValue: { handleError: (error: unknown) => errors.push(error) } }],
    });
    const { app, element } = studio(script, withErrorHandler());
    app.options.set({ model: 'lucy-2.1' });
    await advance();
    app.prompt.set('rude');
    await advance(1_000);
    assert.equal(app.s.error()?.code, 'WEBRTC_SERVER_ERROR');
    assert.equal(app.s.promptPending(), false);
    assert.equal(app.s.isLive(), true);
    assert.equal(element.querySelector('[role=alert]')?.textContent, 'WEBRTC_SERVER_ERROR');
    assert.deepEqual(errors, [app.s.error()]);
    assertComplete();
  });

  test('shows a failed connect once, and retries when asked to', async () => {
    const errors: unknown[] = [];
    TestBed.configureTestingModule({
      providers: [{ provide: ErrorHandler, useValue: { handleError: (error: unknown) => errors.push(error) } }],
    });
    const { app } = studio(scenario().refuseJoins(1, 'No GPU').serve(), withErrorHandler());
    app.options.set({ model: 'lucy-2.1', reconnect: { retries: 0 } });
    await advance(60_000);
    assert.equal(app.s.status(), 'disconnected');
    assert.equal(app.s.error()?.code, 'WEBRTC_SERVER_ERROR');
    assert.equal(errors.length, 1);
    app.s.retry();
    await advance();
    assert.equal(app.s.status(), 'generating');
    assert.equal(app.s.error(), null);
    app.s.retry();
    await advance();
    assert.equal(TestBed.inject(DecartTesting).network.sockets.length, 2);
  });

  test('shows an unknown model, which only the call says', async () => {
    const { app } = studio();
    app.options.set({ model: 'no-such-model' });
    await advance();
    assert.equal(app.s.error()?.code, 'MODEL_NOT_FOUND');
    assert.equal(app.s.status(), 'disconnected');
  });

  test('says where it waits in the queue', async () => {
    const { app } = studio(scenario().queue(2, 1_000).expectJoin().roomInfo().serve());
    app.options.set({ model: 'lucy-2.1' });
    await advance();
    assert.deepEqual(app.s.queuePosition(), { position: 2, queueSize: 2 });
    await advance(5_000);
    assert.equal(app.s.queuePosition(), null);
    assert.equal(app.s.status(), 'generating');
  });

  test('needs an injection context, or an injector', async () => {
    assert.throws(() => injectDecartSession({ connect: () => null }), /injection context/);
    TestBed.configureTestingModule({
      providers: [provideZonelessChangeDetection(), provideDecartTesting(scenario().serve())],
    });
    const session = injectDecartSession({ connect: () => null, injector: TestBed.inject(Injector) });
    assert.equal(session.status(), 'disconnected');
  });

  test('says what is missing without provideDecart()', () => {
    TestBed.configureTestingModule({ providers: [provideZonelessChangeDetection()] });
    assert.throws(
      () => TestBed.runInInjectionContext(injectDecart),
      /injectDecart\(\) found no Decart client: add provideDecart/,
    );
  });
});

describe('video[decartStream]', () => {
  test('keeps the picture of a session over a reconnect, and lets go of it at the end', async () => {
    const { app, video, testing } = studio();
    app.options.set({ model: 'lucy-2.1', reconnect: { initialDelayMs: 1_000, jitter: 0 } });
    await advance();
    const attached = () => testing.network.rooms.map(({ stream }) => stream?.attachedTo.has(video) ?? false);
    assert.deepEqual(attached(), [true]);
    assert.equal(video.muted, true);
    testing.network.sockets[0]?.closeByServer(1011, '');
    await advance(5_000);
    assert.equal(attached().at(-1), true);
    app.options.set(null);
    await advance();
    assert.equal(attached().includes(true), false);
  });
});

describe('injectDecartCamera()', () => {
  test('opens, closes and hands its stream to a session', async () => {
    const on = signal(false);
    TestBed.configureTestingModule({
      providers: [provideZonelessChangeDetection(), provideDecartTesting(scenario().serve())],
    });
    const { camera, session } = TestBed.runInInjectionContext(() => {
      const camera = injectDecartCamera(() => (on() ? { model: 'lucy-2.1' } : null));
      const session = injectDecartSession({
        connect: () => {
          const localStream = camera.stream();
          return localStream && { model: 'lucy-2.1', localStream };
        },
      });
      return { camera, session };
    });
    await advance();
    assert.equal(camera.stream(), null);
    on.set(true);
    await advance();
    const stream = camera.stream();
    assert.equal(stream?.id, 'stream-local');
    await advance();
    assert.equal(session.localStream(), stream);
    on.set(false);
    await advance();
    await advance();
    assert.equal(camera.stream(), null);
    assert.equal((stream as unknown as { disposed: boolean }).disposed, true);
    assert.equal(session.status(), 'disconnected');
  });

  test('shows why there is no camera', async () => {
    TestBed.configureTestingModule({
      providers: [provideZonelessChangeDetection(), provideDecartTesting(scenario().serve())],
    });
    const camera = TestBed.runInInjectionContext(() => injectDecartCamera(() => ({ model: 'none' })));
    await advance();
    assert.equal(camera.error()?.code, 'MODEL_NOT_FOUND');
    assert.equal(camera.isOpening(), false);
  });
});

describe('on a server', () => {
  test('nothing is made, and calls stay pending', async () => {
    let made = 0;
    TestBed.configureTestingModule({
      providers: [
        provideZonelessChangeDetection(),
        { provide: PLATFORM_ID, useValue: 'server' },
        provideDecart(
          () => {
            made += 1;
            return { apiKey: 'key' };
          },
          withClient(() => {
            made += 1;
            throw new Error('made on a server');
          }),
        ),
      ],
    });
    const injector = TestBed.inject(Injector);
    const session = runInInjectionContext(injector, () =>
      injectDecartSession({ connect: () => ({ model: 'lucy-2.1' }) }),
    );
    const client = runInInjectionContext(injector, injectDecart);
    let settled = false;
    client.realtime.connect({ model: 'lucy-2.1' }).finally(() => {
      settled = true;
    });
    TestBed.tick();
    await new Promise(setImmediate);
    assert.equal(session.status(), 'disconnected');
    assert.equal(settled, false);
    assert.equal(made, 0);
    await client.release();
  });
});

describe('injectDecartStats()', () => {
  test('measures while the session is live', async () => {
    const { app } = studio();
    const stats = TestBed.runInInjectionContext(() => injectDecartStats());
    assert.equal(stats(), null);
    app.options.set({ model: 'lucy-2.1' });
    await advance(3_000);
    const first = stats();
    assert.ok(first && first.timestampMs > 0);
    await advance(1_000);
    assert.equal((stats()?.timestampMs ?? 0) - first.timestampMs, 1_000);
  });
});

describe('injectDecartViewer()', () => {
  test('shows why there is nothing to see, once for each try', async () => {
    const token = signal<string | null>(null);
    TestBed.configureTestingModule({
      providers: [provideZonelessChangeDetection(), provideDecartTesting(scenario().serve())],
    });
    const viewer = TestBed.runInInjectionContext(() => injectDecartViewer(token));
    await advance();
    assert.equal(viewer.status(), 'disconnected');
    token.set('no token');
    await advance();
    assert.equal(viewer.error()?.code, 'INVALID_INPUT');
    assert.equal(viewer.status(), 'disconnected');
    const before = viewer.error();
    viewer.retry();
    await advance();
    assert.notEqual(viewer.error(), before);
    token.set(null);
    await advance();
    assert.equal(viewer.error(), null);
  });
});
