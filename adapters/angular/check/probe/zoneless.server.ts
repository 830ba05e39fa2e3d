import { provideZonelessChangeDetection } from '@angular/core';
import { type BootstrapContext, provideClientHydration } from '@angular/platform-browser';
import { decart, start } from './probe';
import { rendering } from './rendering';

export default (context: BootstrapContext) =>
  start({ providers: [provideZonelessChangeDetection(), provideClientHydration(), decart, rendering] }, context);
