import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, firefox } from 'playwright-core';

/** Where Playwright finds the WebDriver BiDi of an unmodified Firefox. */
const launcher = join(__dirname, 'firefox-bidi.mjs');

/** Where Firefox is, as `FIREFOX_PATH` says. Throws when it does not. */
export function firefoxPath(environment: NodeJS.ProcessEnv = process.env): string {
  const chosen = environment.FIREFOX_PATH;
  if (chosen && existsSync(chosen)) return chosen;
  throw new Error(
    chosen
      ? `FIREFOX_PATH points to ${chosen}, but there is no such file.`
      : 'FIREFOX_PATH is not set. Run "npm run test:firefox", which finds Firefox.',
  );
}

/** What a test wants of the browser it starts. */
export interface BrowserNeeds {
  /** What a page finds that asks for the camera. @default 'fake' */
  readonly camera?: 'fake' | 'denied' | 'none';
  /** Whether a video with sound plays by itself. @default 'allowed' */
  readonly autoplay?: 'allowed' | 'after-gesture';
}

const ALLOW = 1;
const DENY = 2;

/**
 * Preferences for a fake camera and microphone without a dialog, and media on loopback: by itself Firefox offers no
 * loopback addresses, and with this only to pages that may use the camera.
 */
export function firefoxPreferences({ camera = 'fake', autoplay = 'allowed' }: BrowserNeeds) {
  const permission = camera === 'denied' ? DENY : ALLOW;
  return {
    'media.navigator.streams.fake': camera !== 'none',
    'media.navigator.permission.disabled': camera !== 'denied',
    'permissions.default.camera': permission,
    'permissions.default.microphone': permission,
    'media.peerconnection.ice.loopback': true,
    'media.autoplay.default': autoplay === 'allowed' ? 0 : 1,
    'media.autoplay.blocking_policy': 0,
    // H.264 would be downloaded.
    'media.gmp-provider.enabled': false,
    'media.gmp-manager.updateEnabled': false,
  };
}

export function launchFirefox(needs: BrowserNeeds): Promise<Browser> {
  return firefox.launch({
    channel: 'moz-firefox',
    executablePath: launcher,
    env: { ...process.env, FIREFOX_PATH: firefoxPath() } as Record<string, string>,
    firefoxUserPrefs: firefoxPreferences(needs),
  });
}
