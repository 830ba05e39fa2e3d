// The end-to-end tests in the browser need Chromium. Finds one, or installs Debian's where that can be done without
// asking, or says what to do.
import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

function find() {
  const candidates = [
    process.env.CHROMIUM_PATH,
    ...(process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name))),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ];
  return candidates.find((path) => {
    if (!path) return false;
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const has = (command) => {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

if (process.env.SKIP_CHROMIUM === '1') {
  console.log('Tests in the browser are left out: SKIP_CHROMIUM=1.');
} else if (!find()) {
  if (process.getuid?.() === 0 && has('apt-get')) {
    console.log('Chromium is not installed: installing it with apt-get.');
    execFileSync('apt-get', ['update'], { stdio: 'ignore' });
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { stdio: 'inherit' });
  }
  if (!find()) {
    console.error(
      'The tests in the browser need Chromium. Install it (Debian, Ubuntu: sudo apt-get install chromium), ' +
        'or name one with CHROMIUM_PATH=/path/to/chromium, or leave these tests out with SKIP_CHROMIUM=1 npm test.',
    );
    process.exit(1);
  }
}
