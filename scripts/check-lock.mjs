// The lock file is whole: every package that is fetched has its integrity hash, and no script of an install is new.
// Usage: node scripts/check-lock.mjs
import { readFileSync } from 'node:fs';

const { packages, lockfileVersion } = JSON.parse(
  readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'),
);
/** They check or fetch a binary that comes with the package for development; none is needed by an app. */
const knownScripts = new Set(['@parcel/watcher', '@swc/core', 'esbuild', 'fsevents']);

const complaints = [];
if (lockfileVersion !== 3) complaints.push(`lockfileVersion is ${lockfileVersion}; expected 3.`);
let fetched = 0;
for (const [path, entry] of Object.entries(packages)) {
  // The root, workspaces, and what another package brings within itself.
  if (!path.includes('node_modules/') || entry.link || entry.inBundle) continue;
  fetched += 1;
  const name = path.split('node_modules/').at(-1);
  if (!/^sha512-/.test(entry.integrity ?? '')) complaints.push(`${path} has no sha512 integrity.`);
  // Without an address it comes from the registry of whoever installs.
  if (entry.resolved && !entry.resolved.startsWith('https://')) complaints.push(`${path} is not fetched over https.`);
  if (entry.hasInstallScript && !knownScripts.has(name)) complaints.push(`${path} runs a script when it is installed.`);
  if (entry.hasInstallScript && !entry.dev && !entry.devOptional && !entry.optional)
    complaints.push(`${path}: an app would run its script.`);
}
for (const complaint of complaints) console.error(complaint);
console.log(`Lock file: ${fetched} packages, ${complaints.length} complaints.`);
if (complaints.length > 0) process.exitCode = 1;
