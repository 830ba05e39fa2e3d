// What there is without decart-rx.
import { Component, provideZonelessChangeDetection } from '@angular/core';
import { type BootstrapContext, bootstrapApplication, provideClientHydration } from '@angular/platform-browser';

@Component({ selector: 'app-root', template: '<p id="status">empty</p>' })
class Empty {}

export const providers = [provideZonelessChangeDetection(), provideClientHydration()];

export async function start(more: unknown[] = [], context?: BootstrapContext) {
  const app = await bootstrapApplication(Empty, { providers: [...providers, ...(more as [])] }, context);
  await app.whenStable();
  Object.assign(globalThis, { probe: { stableMs: performance.now() } });
  return app;
}
