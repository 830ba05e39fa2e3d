// decart-rx/angular as an app gets it: the packed package in projects of several versions of Angular.
// Usage: npm run test:angular -- [version…]; by default the oldest and the newest. Needs Chromium and the registry.
import { strict as assert } from 'node:assert';
import { existsSync } from 'node:fs';
import { startSimulator } from 'decart-rx-simulator';
import { chromium } from 'playwright-core';
import { checkDeclarations, checkWrongTypes } from './declarations.mjs';
import { checkDocs } from './docs.mjs';
import { buildExample, checkExample } from './example.mjs';
import { answersMs, checkSession, initialTransfer, withServer } from './pages.mjs';
import { checkInstall, openProject, packPackage, runIn } from './project.mjs';
import { runUnitTests } from './unit/run.mjs';
import { versions } from './versions.mjs';

/** Bytes over an empty app. */
const MOST_TRANSFER = 17_000;
const MOST_CHECKS_PER_SECOND = 2;
/** A rendered page that waits for nothing of a session takes about as long as an empty one. */
const MOST_TIMES_EMPTY = 10;

const names = Object.keys(versions);
const asked = process.argv.slice(2);
const chosen = asked.length > 0 ? asked : [names.at(0), names.at(-1)];
const executablePath = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (path) => path && existsSync(path),
);
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--autoplay-policy=no-user-gesture-required',
];

const startMs = performance.now();
const say = (text) => console.log(`${String(Math.round((performance.now() - startMs) / 1000)).padStart(4)} s  ${text}`);
const kilo = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

async function checkPages(project, variants, browser, simulator) {
  await withServer(project, 'empty', async (emptyUrl) => {
    for (const variant of variants) {
      await withServer(project, variant, async (url) => {
        const before = simulator.received.length;
        const [answer, emptyAnswer] = await answersMs(url, emptyUrl);
        assert.equal(simulator.received.length, before, 'Nothing is sent from a server.');
        assert.ok(
          answer < MOST_TIMES_EMPTY * emptyAnswer,
          `The answer took ${answer} ms, an empty app's ${emptyAnswer} ms.`,
        );
        const { stable, checksPerSecond } = await checkSession(browser, url, simulator);
        assert.ok(checksPerSecond <= MOST_CHECKS_PER_SECOND, `${checksPerSecond} change detections a second.`);
        const ms = Math.round;
        say(
          `  ${variant}: rendered in ${ms(answer)} ms (empty ${ms(emptyAnswer)}), 0 sessions; stable after ${ms(stable)} ms`,
        );
        say(`  ${variant}: ${checksPerSecond.toFixed(2)} change detections a second in a session`);
      });
    }
  });
  // zone.js is not ours to weigh.
  if (!variants.includes('zoneless')) return;
  const emptyTransfer = initialTransfer(project, 'empty');
  const added = initialTransfer(project, 'zoneless') - emptyTransfer;
  say(`  initial transfer ${kilo(emptyTransfer)} + ${kilo(added)}`);
  assert.ok(added <= MOST_TRANSFER, `${added} bytes over an empty app; at most ${MOST_TRANSFER}.`);
}

async function checkVersion(project, browser, simulator) {
  const { version } = project;
  say(`Angular ${version}`);
  runUnitTests(project);
  await checkDeclarations(project);
  await checkWrongTypes(project);
  const blocks = await checkDocs(project);
  say(`  unit tests, declarations, wrong types, ${blocks} blocks of the guide`);
  // An app with zones is checked in each version, one without them in the newest, in which an app is begun.
  const isNewest = version === names.at(-1);
  const variants = isNewest ? ['zoneless', 'zone'] : ['zone'];
  // In turn: what the first has made of the packages is in the cache for the others.
  for (const variant of ['empty', ...variants]) {
    const { stdout, stderr } = await runIn(project, '@angular/cli/bin/ng.js', 'build', '--configuration', variant);
    assert.ok(!/WARNING/i.test(stdout + stderr), stdout + stderr);
  }
  say('  built without warnings');
  // While the pages are watched for some seconds.
  const [passed] = await Promise.all([
    isNewest ? buildExample(project) : 0,
    checkPages(project, variants, browser, simulator),
  ]);
  if (!isNewest) return;
  await checkExample(project, browser, simulator);
  say(`  the example: ${passed} component tests, and a session in its page`);
}

for (const version of chosen) if (!(version in versions)) throw new Error(`Angular ${version}: known are ${names}.`);
const tarball = packPackage();
const rxjs = '^7.4.0';
const [projects] = await Promise.all([
  Promise.all(chosen.map((version) => openProject(version, tarball))),
  checkInstall(tarball, 'install', { rxjs }),
  checkInstall(tarball, 'install-15', { rxjs, '@angular/core': '^15.0.0', 'zone.js': '~0.12.0' }),
  checkInstall(tarball, 'install-19', { rxjs, '@angular/core': '^19.0.0', 'zone.js': '~0.15.0' }),
]);
say(`npm installs the package without Angular, beside Angular 15 and 19, and in projects of ${chosen.join(' and ')}`);

const simulator = await startSimulator();
const browser = await chromium.launch({ executablePath, args: flags });
try {
  for (const project of projects) await checkVersion(project, browser, simulator);
  say(`All of it passed on Angular ${chosen.join(' and ')}.`);
} finally {
  await browser.close();
  await simulator.close();
}
