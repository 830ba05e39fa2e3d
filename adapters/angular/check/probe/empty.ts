// What there is without decart-rx.
import { Component, provideZonelessChangeDetection } from '@angular/core';
import { type BootstrapContext, bootstrapApplication, provideClientHydration } from '@angular/platform-browser';

@Component({ selector: 'app-root', template: '<p id="status">empty</p>' })
class Empty {}

export const providers = [provideZonelessChangeDetection(), provideClientHydration()];

export const start = (more: unknown[] = [], context?: BootstrapContext) =>
  bootstrapApplication(Empty, { providers: [...providers, ...(more as [])] }, context);
