// The one place that knows in which browser the tests run.
import { test } from '@jest/globals';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { chromiumFlags, chromiumPath } from '../chromium.js';
import { type BrowserNeeds, launchFirefox } from './firefox.js';

export type { BrowserNeeds } from './firefox.js';

/** Chromium, unless `TEST_BROWSER` says otherwise. */
export const testBrowser: 'chromium' | 'firefox' = chosen(process.env.TEST_BROWSER);

function chosen(name = 'chromium'): 'chromium' | 'firefox' {
  if (name === 'chromium' || name === 'firefox') return name;
  throw new Error(`TEST_BROWSER is ${name}. It has to be chromium or firefox.`);
}

/** A test of what only this browser has, or lets a test do: skipped in others, with the reason in its name. */
export const testIn = (browser: 'chromium' | 'firefox', reason: string) =>
  testBrowser === browser
    ? test
    : (name: string, work: () => Promise<void>): void => test.skip(`${name} (${reason})`, work);

/** A test that has to hear something. Firefox runs an AudioContext only with an audio device. */
export const testWithSound =
  testBrowser === 'firefox' && process.env.TEST_SOUND === 'none'
    ? (name: string, work: () => Promise<void>): void =>
        test.skip(`${name} (no audio device: install pulseaudio)`, work)
    : test;

export function launchBrowser(needs: BrowserNeeds = {}): Promise<Browser> {
  if (testBrowser === 'firefox') return launchFirefox(needs);
  const { camera = 'fake', autoplay = 'allowed' } = needs;
  const left = [
    ...(camera === 'none' ? ['--use-fake-device'] : []),
    ...(camera === 'denied' ? ['--use-fake-ui-for-media-stream'] : []),
    ...(autoplay === 'after-gesture' ? ['--autoplay-policy'] : []),
  ];
  return chromium.launch({
    executablePath: chromiumPath(),
    args: [
      ...chromiumFlags.filter((flag) => !left.some((start) => flag.startsWith(start))),
      ...(camera === 'denied' ? ['--deny-permission-prompts'] : []),
      ...(autoplay === 'after-gesture' ? ['--autoplay-policy=document-user-activation-required'] : []),
    ],
  });
}

/** A profile of its own. In Firefox, preferences decide on permissions for all pages. */
export function openContext(browser: Browser, permissions: readonly string[] = []): Promise<BrowserContext> {
  return browser.newContext({ permissions: testBrowser === 'firefox' ? [] : [...permissions] });
}
