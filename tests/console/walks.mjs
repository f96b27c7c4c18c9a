// Runs the walks of all `*.walks.mjs` in one browser against the demo at the address given, and prints
// what failed. A walk is a function of a Person. Those in `inBoth` are done in Chinese and in English, the
// others in one of the two by turns; all in both if a part of the name is given, or AFTERSALES_TEST_WALKS=whole.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';

import { Person } from './person.mjs';

// Installed once, for the tests of GraphiQL's page and these.
const { chromium } = createRequire(new URL('../browser/page.mjs', import.meta.url))('playwright-core');

const PATIENCE_MS = 30_000;
const HASTE_MS = 6_000;
const LANGUAGES = ['zh', 'en'];
const [url, executablePath, only, pictures] = process.argv.slice(2);
const isWhole = Boolean(only) || process.env.AFTERSALES_TEST_WALKS === 'whole';
if (!executablePath) {
  console.error('usage: node walks.mjs <address of a demo> <path of chromium> [<part of a name> [<folder for pictures of failures>]]');
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
for (const file of readdirSync(new URL('.', import.meta.url)).sort()) {
  if (!file.endsWith('.walks.mjs')) continue;
  const { walks, inBoth = [] } = await import(`./${file}`);
  for (const [number, [name, walk]] of Object.entries(walks).entries()) {
    const inTurn = [LANGUAGES[number % LANGUAGES.length]];
    for (const language of isWhole || inBoth.includes(name) ? LANGUAGES : inTurn) {
      if (only && !name.includes(only)) continue;
      const context = await browser.newContext({
        locale: language === 'zh' ? 'zh-CN' : 'en-GB',
        viewport: { width: 1280, height: 800 },
      });
      context.setDefaultTimeout(pictures ? HASTE_MS : PATIENCE_MS);
      const person = new Person(await context.newPage(), url, language);
      const start = performance.now();
      try {
        await walk(person);
      } catch (error) {
        const shown = await person.page.locator('body').innerText().catch(() => '');
        if (pictures) await person.page.screenshot({ path: `${pictures}/${name} ${language}.png` });
        person.faults.push(`${error.stack}\n${shown}`);
      }
      const seconds = Math.round((performance.now() - start) / 1000);
      results.push({ name: `${name} (${language})`, faults: person.faults, seconds });
      console.error(`${seconds} s  ${name} (${language})`);
      await person.page.unrouteAll({ behavior: 'ignoreErrors' });
      await context.close();
    }
  }
}
await browser.close();
console.log(JSON.stringify(results));
