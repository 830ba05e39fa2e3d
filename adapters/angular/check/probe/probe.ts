// A page that connects by itself, and says what Angular does meanwhile.
import { type ApplicationConfig, afterEveryRender, Component, signal } from '@angular/core';
import { type BootstrapContext, bootstrapApplication } from '@angular/platform-browser';
import {
  DecartStream,
  injectDecartCamera,
  injectDecartSession,
  injectDecartStats,
  provideDecart,
  withErrorHandler,
  withFrameWorker,
} from 'decart-rx/angular';

interface Report {
  checks: number;
  stableMs: number | null;
  /** The session's status when the page became stable, which waits for nothing of a session. */
  stableIn: string | null;
  status?: () => string;
  edit?: (prompt: string) => void;
}
const report: Report = { checks: 0, stableMs: null, stableIn: null };
Object.assign(globalThis, { probe: report });

const isServer = typeof window === 'undefined';

@Component({
  selector: 'app-root',
  imports: [DecartStream],
  template: `
    <p id="status">{{ session.status() }}</p>
    <p id="quality">{{ session.quality()?.quality }}</p>
    <p id="fps">{{ stats()?.video?.framesPerSecond }}</p>
    @if (session.error(); as error) { <p id="error">{{ error.code }}</p> }
    <video [decartStream]="session" muted></video>
  `,
})
class Probe {
  readonly prompt = signal('first');
  readonly camera = injectDecartCamera(() => ({ model: 'lucy-2.1' }), { source: 'test-pattern', mirror: 'on' });
  readonly session = injectDecartSession({
    connect: () => {
      const localStream = this.camera.stream();
      // On a server, too, where there is no camera to wait for.
      return localStream || isServer ? { model: 'lucy-2.1', localStream } : null;
    },
    prompt: this.prompt,
  });
  readonly stats = injectDecartStats();

  constructor() {
    report.edit = (prompt) => this.prompt.set(prompt);
    report.status = this.session.status;
    afterEveryRender({
      read: () => {
        report.checks += 1;
      },
    });
  }
}

export const decart = provideDecart(
  () => {
    const query = new URLSearchParams(location.search);
    return { apiKey: query.get('key') ?? '', baseUrl: query.get('base') ?? '' };
  },
  withFrameWorker(() => new Worker(new URL('./frames.worker', import.meta.url), { type: 'module' })),
  withErrorHandler(),
);

/** Starts the page, or renders it. */
export async function start({ providers }: ApplicationConfig, context?: BootstrapContext) {
  const app = await bootstrapApplication(Probe, { providers }, context);
  await app.whenStable();
  report.stableIn = report.status?.() ?? null;
  report.stableMs = performance.now();
  return app;
}
