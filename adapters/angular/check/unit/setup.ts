// A document, Angular's compiler and a test bed, before any test.
import '@angular/compiler';
import { afterEach } from 'node:test';
import { getTestBed, TestBed } from '@angular/core/testing';
import { BrowserTestingModule, platformBrowserTesting } from '@angular/platform-browser/testing';

getTestBed().initTestEnvironment(BrowserTestingModule, platformBrowserTesting(), {
  errorOnUnknownElements: true,
  errorOnUnknownProperties: true,
});
afterEach(() => TestBed.resetTestingModule());
