#!/usr/bin/env node
// Stands where Playwright expects Firefox. It starts Firefox with the arguments it was given, and carries WebDriver BiDi
// between the two. Commands that this Firefox does not know, and that only set what is the default anyway, are answered
// here: Playwright sends them for every page, and would give up on the error.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import WebSocket, { WebSocketServer } from 'ws';

/** Nothing in the tests emulates a color scheme. */
const defaultsOnly = new Set(['emulation.setMediaFeaturesOverride']);

const firefox = spawn(process.env.FIREFOX_PATH, process.argv.slice(2), { stdio: ['ignore', 'ignore', 'pipe'] });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => firefox.kill(signal));
firefox.on('exit', (code) => process.exit(code ?? 1));
createInterface({ input: firefox.stderr }).on('line', (line) => {
  const [, url] = /WebDriver BiDi listening on (ws:.*)$/.exec(line) ?? [];
  if (!url) return void process.stderr.write(`${line}\n`);
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 }, () => {
    process.stderr.write(`WebDriver BiDi listening on ws://127.0.0.1:${server.address().port}\n`);
  });
  server.on('connection', (client) => carry(client, new WebSocket(`${url}/session`)));
});

function carry(client, browser) {
  const early = [];
  client.on('message', (data) => {
    const { id, method } = JSON.parse(data);
    if (defaultsOnly.has(method)) client.send(JSON.stringify({ type: 'success', id, result: {} }));
    else if (browser.readyState === WebSocket.OPEN) browser.send(`${data}`);
    else early.push(`${data}`);
  });
  browser.on('open', () => {
    for (const text of early) browser.send(text);
  });
  browser.on('message', (data) => client.send(`${data}`));
  browser.on('close', () => client.close());
  // Also when Playwright's process was ended.
  client.on('close', () => {
    browser.close();
    firefox.kill();
  });
}
