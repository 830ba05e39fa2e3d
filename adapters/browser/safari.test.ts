import { isDesktopSafari } from './safari.js';

const mac = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)';
const webkit = 'AppleWebKit/605.1.15 (KHTML, like Gecko)';

test.each([
  ['Safari on a Mac', `${mac} ${webkit} Version/18.3 Safari/605.1.15`, 0, true],
  ['an iPad that asks for desktop sites', `${mac} ${webkit} Version/18.3 Safari/605.1.15`, 5, false],
  [
    'Safari on an iPhone',
    `Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) ${webkit} Version/18.3 Mobile/15E148 Safari/604.1`,
    5,
    false,
  ],
  ['Chrome on a Mac', `${mac} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36`, 0, false],
  ['Edge on a Mac', `${mac} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0`, 0, false],
  [
    'Firefox on a Mac',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0',
    0,
    false,
  ],
  [
    'Chromium without a head',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/156.0 Safari/537.36',
    0,
    false,
  ],
])('%s', (_name, userAgent, maxTouchPoints, is) => {
  expect(isDesktopSafari({ userAgent, maxTouchPoints })).toBe(is);
});
