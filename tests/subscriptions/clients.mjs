// Subscribes by the npm clients: node clients.mjs ws|sse ADDRESS REQUEST. Prints what happens, one
// JSON object a line: {next}, {error}, {complete}, {closed}.
import { createClient as createSse } from 'graphql-sse';
import { createClient as createWs } from 'graphql-ws';
import WebSocket from 'ws';

const [kind, address, text] = process.argv.slice(2);
const { take = Infinity, retries = 0, token, language, origin, ...request } = JSON.parse(text);

const print = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
const wait = () => new Promise((resolve) => setTimeout(resolve, 50));

function wsClient() {
  class OriginSocket extends WebSocket {
    constructor(url, protocols) {
      super(url, protocols, origin ? { origin } : {});
    }
  }
  return createWs({
    url: address.replace('http', 'ws'),
    webSocketImpl: OriginSocket,
    connectionParams: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(language && { acceptLanguage: language }),
    },
    retryAttempts: retries,
    retryWait: wait,
    shouldRetry: () => true, // by default it gives up where nobody listens yet
    on: { closed: (event) => print({ closed: event.code, reason: event.reason }) },
  });
}

function sseClient() {
  return createSse({
    url: address,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(language && { 'accept-language': language }),
    },
    retryAttempts: retries,
    retry: wait,
    on: { connected: (again) => again && print({ again }) },
  });
}

const client = kind === 'ws' ? wsClient() : sseClient();
let taken = 0;
await new Promise((resolve) => {
  const stop = client.subscribe(request, {
    next: (result) => {
      print({ next: result });
      taken += 1;
      if (taken === take) {
        stop();
        resolve();
      }
    },
    error: (error) => {
      print({ error: Array.isArray(error) ? error : (error.code ?? error.message) });
      resolve();
    },
    complete: () => {
      print({ complete: true });
      resolve();
    },
  });
});
await client.dispose();
