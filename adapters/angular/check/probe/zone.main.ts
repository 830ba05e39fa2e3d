import { provideZoneChangeDetection } from '@angular/core';
import { provideClientHydration } from '@angular/platform-browser';
import { decart, start } from './probe';

start({ providers: [provideZoneChangeDetection({ eventCoalescing: true }), provideClientHydration(), decart] });
