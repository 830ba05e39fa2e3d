import { HttpClient, provideHttpClient, withFetch } from '@angular/common/http';
import {
  type ApplicationConfig,
  inject,
  provideBrowserGlobalErrorListeners,
  provideZonelessChangeDetection,
} from '@angular/core';
import { provideClientHydration, withEventReplay } from '@angular/platform-browser';
import { provideRouter, withComponentInputBinding } from '@angular/router';
import { provideDecart, withFrameWorker } from 'decart-rx/angular';
import { firstValueFrom } from 'rxjs';
import { routes } from './app.routes';
import { SERVICE } from './service';

export const appConfig: ApplicationConfig = {
  providers: [
    provideZonelessChangeDetection(),
    provideBrowserGlobalErrorListeners(),
    // A click on what the server has rendered waits until the app is there.
    provideClientHydration(withEventReplay()),
    provideHttpClient(withFetch()),
    provideRouter(routes, withComponentInputBinding()),
    provideDecart(
      () => {
        const http = inject(HttpClient);
        const apiKey = async () => (await firstValueFrom(http.post<{ apiKey: string }>('/api/token', null))).apiKey;
        return { ...inject(SERVICE), apiKey };
      },
      withFrameWorker(() => new Worker(new URL('./frames.worker', import.meta.url), { type: 'module' })),
    ),
  ],
};
