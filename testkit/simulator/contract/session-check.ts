import { asyncScheduler, firstValueFrom, lastValueFrom, merge, take, takeUntil, timer, toArray } from 'rxjs';
import type { DecartClient } from '../../../core/compose-client.js';
import type { HttpTransport } from '../../../core/ports/http.js';
import { viewerCredentials$ } from '../../../core/viewer/credentials.js';
import { differences, recording } from './exchanges.js';
import type { OpenApi } from './openapi.js';

export interface SessionCheck {
  readonly client: DecartClient;
  readonly http: HttpTransport;
  readonly baseUrl: string;
  readonly apiKey: string;
  /** `null`: the viewer's call is made, and held against nothing. */
  readonly openApi: OpenApi | null;
  readonly model: string;
  /** How long the session lives. */
  readonly seconds: number;
}

const VIEWER_LIMIT_MS = 15_000;
const TICKS_LIMIT_MS = 60_000;

/**
 * One session on the test picture: connected with a prompt, given another one, looked for by a viewer, billed for the
 * given seconds, ended. Gives what is wrong, each as one sentence; rejects when the session does.
 */
export async function checkSession(check: SessionCheck): Promise<readonly string[]> {
  const { client, model, seconds, apiKey, baseUrl, openApi } = check;
  const { realtime } = client;
  const localStream = await realtime.createLocalVideoStream({ model }, { source: 'test-pattern' });
  try {
    const ends$ = merge(timer(TICKS_LIMIT_MS), realtime.ended$);
    const ticks = lastValueFrom(realtime.generationTicks$.pipe(take(seconds), takeUntil(ends$), toArray()));
    const initialPrompt = { text: 'a rainy street' };
    await realtime.connect({ model, initialPrompt, limits: { maxSeconds: 2 * seconds } }, localStream);
    await realtime.setPrompt('a sunny street');
    const http = recording(check.http);
    const deps = { http, baseUrl, apiKey, userAgent: 'decart-rx/contract', scheduler: asyncScheduler };
    await firstValueFrom(viewerCredentials$(deps, realtime.subscribeToken ?? '', VIEWER_LIMIT_MS));
    const count = (await ticks).length;
    await realtime.disconnect();
    return [
      ...(count < seconds ? [`Only ${count} of ${seconds} ticks of generation came.`] : []),
      ...(openApi ? http.exchanges.flatMap((exchange) => differences(openApi, baseUrl, exchange)) : []),
    ];
  } finally {
    await localStream.dispose();
  }
}
