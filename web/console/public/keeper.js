// Keeps the tokens of a page that is loaded again: in memory, for ten seconds, for one page.
const KEPT_MS = 10_000;
let kept = null;
let timer = 0;

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', event => event.waitUntil(self.clients.claim()));
self.addEventListener('message', event => {
  if (event.data.kind === 'keep') {
    const { tokens, viewerId } = event.data;
    kept = { tokens, viewerId };
    clearTimeout(timer);
    // The event goes on as long: otherwise the browser may end this worker at once.
    event.waitUntil(
      new Promise(resolve => {
        timer = setTimeout(() => {
          kept = null;
          resolve();
        }, KEPT_MS);
      }),
    );
  } else if (event.data.kind === 'take') {
    event.ports[0].postMessage(kept);
    kept = null;
  }
});
