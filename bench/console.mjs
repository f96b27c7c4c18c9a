// Measures the console in Chromium on the demo at the address given, and prints the figures as JSON.
import { createRequire } from 'node:module';

import { Person } from '../tests/console/person.mjs';

const { chromium } = createRequire(new URL('../tests/browser/page.mjs', import.meta.url))('playwright-core');
const [url, executablePath] = process.argv.slice(2);
const OPENINGS = 5;
const SCROLLS = 5;
const BEFORE_END_PX = 500; // not so far that more rows are loaded
const ROWS = 100;
const UPDATES_PER_S = 60;
const TURNS_PER_S = 2;
const UPDATING_S = 8;
const LOGIN = 'digital-supervisor';
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

let updates = 0;
page.on('websocket', socket => {
  socket.on('framereceived', ({ payload }) => {
    updates += String(payload).includes('"serviceOrderChanged"') ? 1 : 0;
  });
});

const person = new Person(page, url, 'zh');
await person.signIn(LOGIN, { path: '/console/queue?tab=all' });
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
const scroll = () => list.evaluate(
  (element, { step, beforeEnd }) =>
    new Promise(resolve => {
      element.scrollTo(0, 0);
      const end = element.scrollHeight - beforeEnd;
      const gaps = [];
      let last = null;
      const turn = now => {
        if (last !== null) gaps.push(now - last);
        last = now;
        element.scrollBy(0, step);
        if (element.scrollTop + element.clientHeight >= end) resolve(gaps);
        else requestAnimationFrame(turn);
      };
      requestAnimationFrame(turn);
    }),
  { step: 20, beforeEnd: BEFORE_END_PX },
);
await page.waitForLoadState('networkidle');
const scrolls = [];
for (let number = 0; number < SCROLLS; number += 1) {
  const gaps = await scroll();
  const dropped = gaps.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / FRAME_MS) - 1), 0);
  scrolls.push({ frames: gaps.length, dropped });
}

const devtools = await context.newCDPSession(page);
// Processor time, not the time that passed: others may use the machine, too.
await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
const busy = async () => {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration').value;
};
await list.evaluate(element => element.scrollTo(0, 0));

// A colleague elsewhere takes orders that are shown, and gives them back.
const token = await person.token(LOGIN);
const { viewer, serviceOrders } = await person.ask(
  'query($first: Int!) { viewer { id } serviceOrders(first: $first) { nodes { id actions { action allowed } } } }',
  { first: ROWS },
  token,
);
const assignable = serviceOrders.nodes.filter(({ actions }) => (
  actions.some(({ action, allowed }) => action === 'ASSIGN' && allowed)
));
const ids = assignable.slice(0, UPDATES_PER_S / TURNS_PER_S).map(({ id }) => id);
const assign = assigneeId => person.ask(
  'mutation($input: AssignServiceOrdersInput!) { assignServiceOrders(input: $input) { results { refusals { code } } } }',
  { input: { ids, assigneeId } },
  token,
);
await assign(null);
await page.waitForTimeout(1000);
updates = 0;
const before = await busy();
const began = performance.now();
for (let turn = 1; turn <= UPDATING_S * TURNS_PER_S; turn += 1) {
  await assign(turn % 2 ? viewer.id : null);
  const rest = began + (turn * 1000) / TURNS_PER_S - performance.now();
  await new Promise(resolve => setTimeout(resolve, rest));
}
const passed = (performance.now() - began) / 1000;
const after = await busy();
await browser.close();
console.log(
  JSON.stringify({
    openings,
    rows: ROWS,
    scrolls,
    updatesPerS: updates / passed,
    share: (after - before) / passed,
  }),
);
