// Takes the pictures of README and docs/console.md from the demo at the address given: a fresh one, in Chinese.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { Person } from './person.mjs';

const { chromium } = createRequire(new URL('../browser/page.mjs', import.meta.url))('playwright-core');
const FOLDER = new URL('../../docs/images/', import.meta.url);
const LARGEST = 200_000;
const QUALITY = 90;

const [url, executablePath] = process.argv.slice(2);
if (!executablePath) {
  console.error('usage: node pictures.mjs <address of a demo> <path of chromium>');
  process.exit(2);
}

const scenes = {
  async queue(person) {
    await person.signIn('digital-supervisor');
    await person.waiting();
  },
  async review(person) {
    await person.signIn('digital-reviewer');
    const [, id] = await person.waiting();
    await person.row(id).locator('.c-number button').click();
    await person.panel().locator('.review-form').waitFor();
  },
  async order(person) {
    const { serviceOrders } = await person.elsewhere(
      'digital-owner',
      '{ serviceOrders(filter: { status: [AWAITING_PROCESSING] }, orderBy: DUE_AT_DESC, first: 1) { nodes { id } } }',
    );
    await person.signIn('digital-owner', { path: `/console/orders/${serviceOrders.nodes[0].id}` });
    await person.page.locator('.timeline').waitFor();
  },
  async quality(person) {
    await person.signIn('digital-owner', { path: '/console/quality/report' });
    await person.page.locator('main table').first().waitFor();
  },
  async phone(person) {
    await person.page.setViewportSize({ width: 390, height: 844 });
    await person.signIn('digital-reviewer');
    await person.waiting();
  },
};

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
for (const [name, reach] of Object.entries(scenes)) {
  const context = await browser.newContext({ locale: 'zh-CN', reducedMotion: 'reduce', viewport: { width: 1280, height: 800 } });
  const person = new Person(await context.newPage(), url, 'zh');
  await reach(person);
  await person.page.waitForLoadState('networkidle');
  await person.page.locator('.ant-spin-spinning, .bones').first().waitFor({ state: 'hidden' });
  const devtools = await context.newCDPSession(person.page);
  const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
  const picture = Buffer.from(data, 'base64');
  writeFileSync(new URL(`console-${name}.webp`, FOLDER), picture);
  console.log(`console-${name}.webp`, picture.length);
  if (picture.length > LARGEST) process.exitCode = 1;
  await context.close();
}
await browser.close();
