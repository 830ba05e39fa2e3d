import { provideZoneChangeDetection } from '@angular/core';
import { type BootstrapContext, provideClientHydration } from '@angular/platform-browser';
import { decart, start } from './probe';
import { rendering } from './rendering';

export default (context: BootstrapContext) =>
  start(
    { providers: [provideZoneChangeDetection({ eventCoalescing: true }), provideClientHydration(), decart, rendering] },
    context,
  );
