// Every page that the navigation offers: it opens without a fault, and axe finds nothing on it.
import { createRequire } from 'node:module';

const axe = createRequire(new URL('../browser/page.mjs', import.meta.url)).resolve('axe-core/axe.min.js');
const TABS = '.ant-tabs-tab';

export const inBoth = ['a main account opens every page'];

export const walks = {
  async 'a main account opens every page'(person) {
    await person.signIn('digital-owner');
    await openAll(person);
  },

  async 'a main account opens every page in the dark'(person) {
    await person.page.emulateMedia({ colorScheme: 'dark' });
    await person.signIn('digital-owner');
    await openAll(person);
  },

  async 'the platform opens every page'(person) {
    await person.signIn('platform');
    await openAll(person);
  },

  async 'the platform opens every page in the dark, and on a phone'(person) {
    await person.page.emulateMedia({ colorScheme: 'dark' });
    await person.page.setViewportSize({ width: 390, height: 844 });
    await person.signIn('platform');
    await openAll(person);
  },

  async 'the sign-in page, the review panel, an order and a phone have no barrier'(person) {
    const { page } = person;
    await page.goto(person.url);
    await page.locator('input[name=login]').waitFor();
    await look(person);
    await page.getByRole('button', { name: person.t('使用重置码', 'Use a reset code') }).click();
    await page.getByLabel(person.t(/^重置码/, /^Reset code/)).waitFor();
    await look(person);
    await person.signIn('digital-reviewer');
    const [id] = await person.waiting();
    await person.press('2');
    await page.locator('.review-form textarea').waitFor();
    await look(person);
    await page.goto(`${person.url}/console/orders/${id}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await look(person);
    await page.setViewportSize({ width: 390, height: 844 });
    await look(person);
    await page.getByRole('link', { name: person.t('打印', 'Print') }).click();
    await page.getByRole('article').waitFor();
    await look(person);
    await page.goto(`${person.url}/console/queue`);
    await person.waiting();
    await look(person);
    await page.goto(`${person.url}/console/account`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await look(person);
  },

  async 'the pages around the desk fit a phone, and their forms have no barrier'(person) {
    const { page } = person;
    await page.setViewportSize({ width: 390, height: 844 });
    await person.signIn('digital-owner', { path: '/console/exports' });
    await page.getByRole('heading', { level: 1, name: person.t('导出', 'Exports') }).waitFor();
    await look(person);
    await page.getByRole('button', { name: person.t('新建导出', 'New export') }).click();
    await page.getByRole('dialog').locator('summary').click();
    await look(person);
    await page.goto(`${person.url}/console/connections`);
    for (const [tab, add] of [[person.t('Webhook', 'Webhooks'), person.t('新增 Webhook', 'Add a webhook')], [person.t('连接器', 'Connectors'), person.t('新增连接器', 'Add a connector')]]) {
      await page.getByRole('tab', { name: tab }).click();
      await page.getByRole('button', { name: add }).click();
      await page.getByRole('dialog').getByRole('textbox').first().waitFor();
      await look(person);
      await page.getByRole('dialog').getByRole('button', { name: person.t('关闭', 'Close') }).click();
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
    }
  },

  async 'a figure opens the orders behind it'(person) {
    const { page } = person;
    await person.signIn('digital-owner', { path: '/console/quality/report' });
    const figure = page.locator('main table button').filter({ hasText: /^[1-9]\d*$/ }).first();
    const count = Number(await figure.innerText());
    await figure.click();
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('link').first().waitFor();
    await drawer.getByText(new RegExp(`\\b${count}\\b`)).first().waitFor();
  },
};

async function openAll(person) {
  const { page } = person;
  const links = page.getByRole('navigation', { name: person.t('导航', 'Navigation') }).getByRole('link');
  await links.first().waitFor();
  for (let index = 0; index < (await links.count()); index += 1) {
    await links.nth(index).click();
    await page.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' });
    await look(person);
    const tabs = page.locator(TABS);
    for (let tab = 1; tab < (await tabs.count()); tab += 1) {
      await tabs.nth(tab).click();
      await page.locator(`${TABS}-active`).nth(0).waitFor();
      await look(person);
    }
  }
  await page.goto(`${person.url}/console/account`); // which the navigation does not offer
  await page.getByRole('heading', { level: 1 }).waitFor();
  await look(person);
}

/** Waits until nothing loads, and asks axe and the width. */
async function look({ page, faults }) {
  await page.waitForLoadState('networkidle');
  await page.locator('.ant-spin-spinning').first().waitFor({ state: 'hidden' });
  await page.evaluate(() => Promise.all(document.getAnimations().map(animation => animation.finished.catch(() => {}))));
  await fits({ page, faults });
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(await source());
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  for (const { id, nodes } of violations) {
    faults.push(`${page.url()}: ${id}: ${nodes.map(({ html }) => html).slice(0, 3).join(' ')}`);
  }
}

/** Nothing is wider than the screen. */
async function fits({ page, faults }) {
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (beyond > 0) faults.push(`${page.url()} is ${beyond} px wider than the screen`);
}

let text;
async function source() {
  const { readFile } = await import('node:fs/promises');
  text ??= await readFile(axe, 'utf8');
  return text;
}
