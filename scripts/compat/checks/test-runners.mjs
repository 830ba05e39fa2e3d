// An app's tests: in the environment of Node, and in jsdom.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownVersion } from '../project.mjs';
import { withSimulator } from '../simulator.mjs';

const area = 'Test runners';

/** Node's entry in the environment of Node, the browser's in that of a page. */
function choosePlatform(app, file, environment) {
  const text = readFileSync(join(app.folder, file), 'utf8');
  app.write(file, text.replace('PLATFORM', environment === 'node' ? 'node' : 'browser'));
}

const runner = ({ name, subject, packages, program, args, write }) => ({
  name,
  area,
  subject,
  run: async ({ client, project }) => {
    const app = project();
    await app.install(
      client,
      `rxjs@${ownVersion('rxjs')}`,
      `livekit-client@${ownVersion('livekit-client')}`,
      ...packages,
    );
    write(app);
    await withSimulator({ media: 'none', queue: 5 }, (env) => app.node([program, ...args], { env, limitMs: 120_000 }));
    return {
      version: app.versionOf(packages[0].replace(/@[^@]+$/, '')),
      detail: 'A session in virtual time, and a socket to the simulator',
    };
  },
});

const jest = (environment, more = []) =>
  runner({
    name: `jest-${environment}`,
    subject: `jest, ${environment}`,
    packages: [`jest@${ownVersion('jest')}`, 'esbuild@0.28', ...more],
    program: 'node_modules/jest/bin/jest.js',
    args: ['--ci', `--env=${environment}`],
    write: (app) => {
      // jest's usual project: CommonJS, the way an app's transpiled code is.
      app.copy('session.test.mjs', 'session.mjs');
      choosePlatform(app, 'session.mjs', environment);
      app.write(
        'jest.config.cjs',
        "module.exports = { transform: { '\\\\.mjs$': './to-commonjs.cjs' }, testMatch: ['**/session.mjs'], moduleFileExtensions: ['js', 'mjs', 'cjs', 'json'] };\n",
      );
      app.write(
        'to-commonjs.cjs',
        "const { transformSync } = require('esbuild');\nexports.process = (code) => transformSync(code, { format: 'cjs', target: 'node20' });\n",
      );
    },
  });

const vitest = (environment, more = []) =>
  runner({
    name: `vitest-${environment}`,
    subject: `vitest, ${environment}`,
    packages: ['vitest@4', ...more],
    program: 'node_modules/vitest/vitest.mjs',
    args: ['run', `--environment=${environment}`, '--globals'],
    write: (app) => {
      app.copy('session.test.mjs');
      choosePlatform(app, 'session.test.mjs', environment);
    },
  });

export const testRunners = [
  jest('node'),
  jest('jsdom', [`jest-environment-jsdom@${ownVersion('jest')}`]),
  vitest('node'),
  vitest('jsdom', ['jsdom@26']),
];
