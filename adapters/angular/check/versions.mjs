// The versions of Angular that are checked, whole families at a time: within one they ask for each other exactly.
import { readFileSync } from 'node:fs';

const oldest = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'));

export const versions = {
  // The one that is locked.
  20: null,
  21: { framework: '21.2.24', tools: '21.2.24', typescript: '~5.9.2', zone: '~0.15.1' },
  // Needs a newer Node than this package does. Runs the example's component tests, too.
  22: {
    framework: '22.2.0',
    tools: '22.2.0',
    typescript: '~6.0.2',
    zone: '~0.16.0',
    more: { node: '22.23.3', vitest: '^4.0.8' },
  },
};

const tools = ['@angular/ssr', '@angular/build', '@angular/cli'];

/** The package.json of a project with one of them. */
export function manifestOf(version) {
  const family = versions[version];
  if (family === null) return oldest;
  const versionOf = (name, given) => {
    if (tools.includes(name)) return family.tools;
    if (name.startsWith('@angular/')) return family.framework;
    return { typescript: family.typescript, 'zone.js': family.zone }[name] ?? given;
  };
  const moved = (dependencies) =>
    Object.fromEntries(Object.entries(dependencies).map(([name, given]) => [name, versionOf(name, given)]));
  const devDependencies = { ...moved(oldest.devDependencies), ...family.more };
  return { ...oldest, dependencies: moved(oldest.dependencies), devDependencies };
}
