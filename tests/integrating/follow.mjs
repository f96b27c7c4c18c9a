// Runs `follow` of a program of docs/integrating.md: node follow.mjs PROGRAM SETTINGS. Prints what
// happens, one JSON object a line: {event}, {end}.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [program, text] = process.argv.slice(2);
const { token, retryMs, ...settings } = JSON.parse(text);

// Node.js has a WebSocket of its own, like browsers, from version 22 on.
globalThis.WebSocket ??= createRequire(pathToFileURL(program))('ws');

const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const wait = () => new Promise((resolve) => setTimeout(resolve, retryMs));

const { follow } = await import(pathToFileURL(program));
follow({
  accessToken: async () => token,
  onEvent: (event) => print({ event }),
  onEnd: (end) => print({ end }),
  retryWait: wait,
  retry: wait,
  ...settings,
});
