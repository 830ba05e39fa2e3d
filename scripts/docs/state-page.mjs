// The page about the session's states, made from a walk through the reducer: docs/states.md and docs/states.svg.
import { instance } from '@viz-js/viz';
import { walkStates } from './walk-states.mjs';

/** What a caller may do at any time; drawn, it would hide the rest. */
const anyTime = new Set([
  'caller.connectRequested',
  'caller.disconnectRequested',
  'caller.connectAborted',
  'caller.releaseRequested',
]);

const isIdle = (name) => name === 'disconnected' || name === 'released';
const groupOf = (name) => (name.includes(': ') ? name.split(': ')[0] : isIdle(name) ? null : 'live');
const labelOf = (name) => name.split(': ').at(-1);
const id = (name) => JSON.stringify(name);

/** Left out where a caller alone leads from a session to its end, or to the next. */
function drawnEdges(edges) {
  return edges
    .map(({ from, to, events }) => ({
      from,
      to,
      events: events.filter((event) => isIdle(from) || !anyTime.has(event)),
    }))
    .filter(({ events }) => events.length > 0);
}

function dotOf({ names, edges }) {
  const groups = new Map();
  for (const name of names) groups.set(groupOf(name), [...(groups.get(groupOf(name)) ?? []), name]);
  const node = (name) => `${id(name)} [label=${id(labelOf(name))}]`;
  const clusters = [...groups].map(([group, members]) =>
    group === null
      ? members.map(node).join('; ')
      : `subgraph "cluster_${group}" { label="${group}"; ${members.map(node).join('; ')} }`,
  );
  const lines = drawnEdges(edges).map(
    ({ from, to, events }) =>
      `${id(from)} -> ${id(to)} [label=${id(events.map((event) => event.replace(/^\w+\./, '')).join('\n'))}${
        to === 'disconnected' ? ', color="#b3564f", fontcolor="#b3564f"' : ''
      }]`,
  );
  return `digraph states {
    rankdir=TB; bgcolor="transparent"; pad=0.6; nodesep=0.35; ranksep=0.55; fontname="Helvetica,Arial,sans-serif"; fontsize=13; fontcolor="#6b7280"; color="#9ca3af"; style="rounded";
    node [shape=box, margin="0.16,0.08", style="rounded,filled", fillcolor="#eef2ff", color="#4f46e5", fontcolor="#1e1b4b", fontname="Helvetica,Arial,sans-serif", fontsize=12];
    edge [color="#6b7280", fontcolor="#6b7280", fontname="Helvetica,Arial,sans-serif", fontsize=9, arrowsize=0.7];
    ${clusters.join('\n    ')}
    ${lines.join('\n    ')}
  }`;
}

function pageOf({ names, edges, visited }) {
  const active = names.filter((name) => !isIdle(name));
  const everywhere = (event, to) =>
    active.every((from) => edges.some((edge) => edge.from === from && edge.to === to && edge.events.includes(event)));
  for (const [event, to] of [
    ['caller.disconnectRequested', 'disconnected'],
    ['caller.connectAborted', 'disconnected'],
    ['caller.releaseRequested', 'released'],
  ]) {
    if (!everywhere(event, to)) throw new Error(`${event} does not lead from every session to ${to}.`);
  }
  const rows = drawnEdges(edges).map(
    ({ from, to, events }) => `| ${from} | ${events.map((e) => `\`${e}\``).join(', ')} | ${to} |`,
  );
  return `# The states of a session

The whole of a session is one function, \`reduceSession(state, event)\`. This page is made from it: \`npm run docs\` starts
with the first state, applies every event that can happen, and goes on from there until no new state is found. It has
visited ${visited} states, which are ${names.length} for a reader: the five of \`connectionState$\`, and how far a try has come.

![Diagram of the states and the events between them](states.svg)

Not drawn, because it is the same everywhere: \`disconnect()\`, an aborted connect and a newer \`connect()\` end a session in
every state, and \`release()\` ends the client.

The walk is that of a connect with a prompt over LiveKit, with one retry. Other modules of the machine add to it: limits,
stalls, a full account ([Sessions end](sessions-end.md)) and the direct mode ([Direct WebRTC](direct-webrtc.md)).

| from | event | to |
| ---- | ----- | -- |
${rows.join('\n')}
`;
}

/** @returns {Promise<Map<string, string>>} path in the repository to content */
export async function statePage() {
  const walk = walkStates();
  const viz = await instance();
  const svg = viz.renderString(dotOf(walk), { format: 'svg', engine: 'dot' });
  // The version of the tool, and dates, are no part of the picture.
  const picture = svg
    .replace(/<!--[\s\S]*?-->\n?/g, '')
    .replace(/^<\?xml[\s\S]*?<svg([^>]*)>/, '<svg$1 role="img"><title>The states of a session</title>');
  return new Map([
    ['docs/states.md', pageOf(walk)],
    ['docs/states.svg', picture],
  ]);
}
