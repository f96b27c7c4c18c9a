// Runs the walks in one browser against the demo at the address given, and prints what failed.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

// Installed once, for the tests of GraphiQL's page and these.
const { chromium } = createRequire(new URL('../browser/page.mjs', import.meta.url))('playwright-core');

const PATIENCE_MS = 30_000;
const [url, executablePath, only] = process.argv.slice(2);
const PASSWORD = 'aftersales-demo';

const walks = {
  async 'from signing in to a decision in three clicks'(page, { t }) {
    await signIn(page, 'digital-reviewer');
    const row = page.locator('tbody tr').first();
    await row.waitFor();
    await row.getByRole('link').first().click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.locator('main .ant-btn-primary').click();
    await page.getByText(t('待客户发货', 'Awaiting shipment')).waitFor();
  },
};

async function signIn(page, login) {
  await page.goto(`${url}/`);
  await page.locator('input[name=login]').fill(login);
  await page.locator('input[name=password]').fill(PASSWORD);
  await page.locator('button[type=submit]').click();
}

const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
});
const results = [];
for (const [name, walk] of Object.entries(walks)) {
  for (const language of ['zh', 'en']) {
    if (only && !name.includes(only)) continue;
    const context = await browser.newContext({
      locale: language === 'zh' ? 'zh-CN' : 'en-GB',
      viewport: { width: 1280, height: 800 },
    });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    const faults = [];
    page.on('pageerror', error => faults.push(String(error)));
    page.on('console', message => message.type() === 'error' && faults.push(message.text()));
    page.on('request', request => {
      if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(url)) {
        faults.push(`a request to elsewhere: ${request.url()}`);
      }
    });
    try {
      await walk(page, { language, t: (zh, en) => (language === 'zh' ? zh : en), assert });
    } catch (error) {
      faults.push(`${error.stack}\n${await page.locator('body').innerText().catch(() => '')}`);
    }
    results.push({ name: `${name} (${language})`, faults });
    await context.close();
  }
}
await browser.close();
console.log(JSON.stringify(results));
