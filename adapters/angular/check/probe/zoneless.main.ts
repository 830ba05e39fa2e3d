import { provideZonelessChangeDetection } from '@angular/core';
import { provideClientHydration } from '@angular/platform-browser';
import { decart, start } from './probe';

start({ providers: [provideZonelessChangeDetection(), provideClientHydration(), decart] });
