import { type ApplicationConfig, mergeApplicationConfig, provideAppInitializer } from '@angular/core';
import { provideServerRendering, RenderMode, withRoutes } from '@angular/ssr';
import { appConfig } from './app.config';
import { transferService } from './service';

const ofServer: ApplicationConfig = {
  providers: [
    provideServerRendering(withRoutes([{ path: '**', renderMode: RenderMode.Server }])),
    provideAppInitializer(() => {
      transferService();
    }),
  ],
};

export const serverConfig = mergeApplicationConfig(appConfig, ofServer);
