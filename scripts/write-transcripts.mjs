// Writes the transcripts of core/PROTOCOL.md into a module: `npm run transcripts`. The testkit runs where there are no
// files to read.
import { readFileSync, writeFileSync } from 'node:fs';

const page = readFileSync(new URL('../core/PROTOCOL.md', import.meta.url), 'utf8');
const [, transcripts] = page.split('\n## Transcripts\n');
if (transcripts === undefined) throw new Error('core/PROTOCOL.md has no section "Transcripts".');
const literal = transcripts.trim().replace(/[\\`]|\$\{/g, '\\$&');
writeFileSync(
  new URL('../testkit/transcripts/protocol-page.ts', import.meta.url),
  `// Written by \`npm run transcripts\` from core/PROTOCOL.md: change that page, then run it again.\n\n` +
    `export const protocolPage = \`${literal}\n\`;\n`,
);
