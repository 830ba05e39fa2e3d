import { provideServerRendering, RenderMode, withRoutes } from '@angular/ssr';

export const rendering = provideServerRendering(withRoutes([{ path: '**', renderMode: RenderMode.Server }]));
