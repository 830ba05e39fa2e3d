// examples/angular as its user finds it: its component tests, its build, and a session in its page.
import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { filter, firstValueFrom } from 'rxjs';
import { serve } from '../../../examples/angular/project.mjs';
import { newPage } from './pages.mjs';
import { runIn } from './project.mjs';

const source = fileURLToPath(new URL('../../../examples/angular', import.meta.url));

const folderOf = (project) => join(project.folder, 'example');

/** Runs its component tests and builds it. @returns how many tests passed */
export async function buildExample(project) {
  const folder = folderOf(project);
  rmSync(folder, { recursive: true, force: true });
  cpSync(source, folder, {
    recursive: true,
    filter: (path) => !/node_modules|dist|\.angular/.test(path.slice(source.length)),
  });
  // The project's Angular is found from there, and not the example's own.
  rmSync(join(folder, 'package.json'));
  const ng = (...args) => runIn({ ...project, cwd: folder }, '@angular/cli/bin/ng.js', ...args);
  const [tests, { stdout, stderr }] = await Promise.all([ng('test', '--watch=false'), ng('build')]);
  assert.ok(!/WARNING/i.test(stdout + stderr), stdout + stderr);
  const [, passed = '0'] = /Tests\s+(\d+) passed/.exec(stripVTControlCharacters(tests.stdout)) ?? [];
  assert.ok(Number(passed) > 0, tests.stdout);
  return Number(passed);
}

/** A session in the page of the example that was built. */
export async function checkExample(project, browser, simulator) {
  const app = await serve(simulator, { node: project.node, folder: folderOf(project) });
  try {
    await checkStudio(browser, app.url, simulator);
  } finally {
    await app.close();
  }
}

async function checkStudio(browser, url, simulator) {
  const before = simulator.received.length;
  const response = await fetch(url);
  assert.match(await response.text(), /Nothing comes back yet\./);
  assert.equal(simulator.received.length, before, 'Rendering opens nothing.');
  const refused = await fetch(`${url}api/token`, { method: 'POST', headers: { origin: 'https://elsewhere.example' } });
  assert.equal(refused.status, 403);

  const { page, said } = await newPage(browser);
  // What is clicked before the app is there counts once it is: its scripts wait for the click.
  let letThrough;
  const clicked = new Promise((resolve) => {
    letThrough = resolve;
  });
  await page.route('**/*.js', async (route) => {
    await clicked;
    await route.continue();
  });
  await page.goto(url, { waitUntil: 'commit' });
  const status = page.locator('[role=status][data-state]');
  await page.getByRole('button', { name: 'Connect' }).click();
  letThrough();
  await status.filter({ hasText: 'generating' }).waitFor();
  await page.getByText('In force.').waitFor();
  // Its ack is held back until the page has been seen to wait for it.
  simulator.faults.ack('late');
  const arrived = firstValueFrom(simulator.received$.pipe(filter(({ type }) => type === 'prompt')));
  await page.getByRole('textbox', { name: 'Prompt' }).fill('Claymation of a harbour');
  await page.getByText('On its way').waitFor();
  await arrived;
  simulator.faults.releaseLateAcks();
  await page.getByText('In force.').waitFor();
  await page.getByLabel('Mirror').check();
  await page.locator('dd', { hasText: / ms/ }).first().waitFor();
  const [watching] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('link', { name: 'Watch this session' }).click(),
  ]);
  await watching.waitForFunction(() => document.querySelector('video')?.videoWidth > 0);
  await watching.close();
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await status.filter({ hasText: 'disconnected' }).waitFor();
  await page.close();
  const prompts = simulator.received.slice(before).filter(({ type }) => type === 'prompt');
  assert.deepEqual(
    prompts.map(({ message }) => message.prompt),
    ['Watercolor at dawn', 'Claymation of a harbour'],
  );
  assert.deepEqual(said, [], 'The console stays empty.');
}
