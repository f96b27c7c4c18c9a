// Runs the cases in one browser against the demo at the address given, and prints what failed.
import { chromium } from 'playwright-core';

import { cases } from './cases.mjs';
import { Desk } from './desk.mjs';

const PATIENCE_MS = 30_000;
const [url, executablePath, only] = process.argv.slice(2);
if (!executablePath) {
  console.error('usage: node page.mjs <address of a demo> <path of chromium> [<part of a name>]');
  process.exit(2);
}

const browser = await chromium.launch({
  executablePath,
  args: [
    '--no-sandbox', // containers run as root, where Chromium's sandbox does not start
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
const results = [];
for (const [name, run] of Object.entries(cases)) {
  if (only && !name.includes(only)) {
    continue;
  }
  const context = await browser.newContext();
  context.setDefaultTimeout(PATIENCE_MS);
  const desk = new Desk(await context.newPage(), url);
  try {
    await desk.open();
    await run(desk);
    results.push({ name, faults: desk.faults });
  } catch (error) {
    const bar = await desk.page.locator('#signed-in').textContent().catch(() => null);
    results.push({ name, faults: [...desk.faults, `${error.stack}\nthe bar: ${bar}`] });
  } finally {
    await desk.page.unrouteAll({ behavior: 'ignoreErrors' });
    await context.close();
  }
}
await browser.close();
console.log(JSON.stringify(results));
