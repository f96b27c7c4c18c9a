// Measures the console in Chromium on the demo at the address given, and prints the figures as JSON.
import { createRequire } from 'node:module';

import { Person } from '../tests/console/person.mjs';

const { chromium } = createRequire(new URL('../tests/browser/page.mjs', import.meta.url))('playwright-core');
const [url, executablePath] = process.argv.slice(2);
const OPENINGS = 5;
const ROWS = 100;
const UPDATES_PER_S = 60;
const UPDATING_S = 8;
const FRAME_MS = 1000 / 60;

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
const context = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1280, height: 800 } });
const page = await context.newPage();
await page.addInitScript(() => {
  const look = () => {
    if (document.querySelector('.desk-table tbody tr')) window.interactiveMs = performance.now();
    else requestAnimationFrame(look);
  };
  look();
});

// The server's answers pass through; updates are put beside them.
let push = () => {};
let subscription = '';
await page.routeWebSocket('**/graphql', socket => {
  const server = socket.connectToServer();
  socket.onMessage(message => {
    const { id, type, payload } = JSON.parse(message);
    if (type === 'subscribe' && payload.operationName === 'Live') subscription = id;
    server.send(message);
  });
  server.onMessage(message => socket.send(message));
  push = message => socket.send(message);
});
let listed = null;
page.on('response', async response => {
  const data = response.url().endsWith('/graphql') ? await response.json().then(answer => answer.data, () => null) : null;
  if (data?.serviceOrders?.nodes?.[0]?.version) listed = data.serviceOrders.nodes;
});

const person = new Person(page, url, 'zh');
await person.signIn('digital-supervisor', { path: '/console/queue?tab=all' });
await person.waiting();
const openings = [];
for (let opening = 0; opening < OPENINGS; opening += 1) {
  await page.reload();
  await person.waiting();
  openings.push((await page.evaluate(() => window.interactiveMs)) / 1000);
}

const list = page.locator('.desk-scroll');
while ((await person.rows().count()) < ROWS) {
  await list.evaluate(element => element.scrollTo(0, element.scrollHeight));
  await page.waitForTimeout(200);
}
await list.evaluate(element => element.scrollTo(0, 0));
await page.waitForLoadState('networkidle');
const frames = await list.evaluate(
  (element, step) =>
    new Promise(resolve => {
      const gaps = [];
      let last = null;
      const turn = now => {
        if (last !== null) gaps.push(now - last);
        last = now;
        element.scrollBy(0, step);
        if (element.scrollTop + element.clientHeight >= element.scrollHeight - 1) resolve(gaps);
        else requestAnimationFrame(turn);
      };
      requestAnimationFrame(turn);
    }),
  20,
);
const dropped = frames.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / FRAME_MS) - 1), 0);

const devtools = await context.newCDPSession(page);
// Processor time, not the time that passed: others may use the machine, too.
await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
const busy = async () => {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration').value;
};
await list.evaluate(element => element.scrollTo(0, 0));
const before = await busy();
const began = performance.now();
let sent = 0;
while (performance.now() - began < UPDATING_S * 1000) {
  while (sent < ((performance.now() - began) / 1000) * UPDATES_PER_S) {
    const order = listed[sent % listed.length];
    order.version += 1;
    const event = { __typename: 'ServiceOrderEvent', kind: 'NOTED', at: order.updatedAt, fromStatus: order.status, toStatus: order.status };
    const change = { __typename: 'ServiceOrderChange', cursor: String(sent), event, serviceOrder: order };
    push(JSON.stringify({ id: subscription, type: 'next', payload: { data: { __typename: 'Subscription', serviceOrderChanged: change } } }));
    sent += 1;
  }
  await new Promise(resolve => setTimeout(resolve, 5));
}
const after = await busy();
await browser.close();
console.log(
  JSON.stringify({
    openings,
    rows: ROWS,
    frames: frames.length,
    dropped,
    updatesPerS: sent / UPDATING_S,
    share: (after - before) / UPDATING_S,
  }),
);
