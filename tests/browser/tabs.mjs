// Keeps one person signed in in two tabs for an hour, in which the clock of the server and those of
// the tabs are moved, and prints what each tab did.
import { writeFileSync, renameSync } from 'node:fs';
import { createServer } from 'node:http';

import { chromium } from 'playwright-core';

import { LOGIN, PASSWORD } from './desk.mjs';

const MINUTES = 10; // between two refreshes: an access token is good for 15
const RELOADS = 6; // of each tab, without a pause: more refreshes than the server keeps tokens of
const [url, executablePath, port, clock] = process.argv.slice(2);

// Runs in each tab. The tabs share the refresh token, as all tabs of a front end do.
function frontEnd(url, login, password, minutes) {
  window.tab = { refreshes: 0, faults: [], busy: Promise.resolve() };
  async function ask(query, variables, token) {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors = [] } = await response.json();
    window.tab.faults.push(...errors.map(({ extensions }) => extensions.code));
    return data;
  }
  async function work(payload) {
    window.tab.faults.push(...payload.refusals.map(({ code }) => code));
    localStorage.setItem('refreshToken', payload.refreshToken);
    await ask('{ queueSummary { review { waiting } } }', {}, payload.accessToken);
  }
  async function refresh() {
    const refreshToken = localStorage.getItem('refreshToken');
    const { refreshSession } = await ask(
      `mutation($input: RefreshSessionInput!) { refreshSession(input: $input) {
        accessToken refreshToken refusals { code } } }`,
      { input: { refreshToken } },
    );
    await work(refreshSession);
    window.tab.refreshes += 1;
  }
  async function begin() {
    if (localStorage.getItem('refreshToken')) {
      return refresh();
    }
    const { signIn } = await ask(
      `mutation($input: SignInInput!) { signIn(input: $input) {
        accessToken refreshToken refusals { code } } }`,
      { input: { login, password } },
    );
    return work(signIn);
  }
  const run = job => {
    window.tab.busy = job().catch(error => window.tab.faults.push(String(error)));
  };
  run(begin);
  setInterval(run, minutes * 60_000, refresh);
}

const page = `<!doctype html><title>A front end</title><script>(${frontEnd})(
  ${[url, LOGIN, PASSWORD, MINUTES].map(value => JSON.stringify(value)).join(', ')})</script>`;
const server = createServer((request, response) => {
  response.setHeader('content-type', 'text/html');
  response.end(page);
});
await new Promise(resolve => server.listen(Number(port), '127.0.0.1', resolve));
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
});
const context = await browser.newContext();
await context.clock.install();
const results = { refreshes: [0, 0], faults: [] };

async function open(tab) {
  await tab.goto(`http://127.0.0.1:${port}/`);
  await tab.evaluate(() => window.tab.busy);
}

async function note(tab, number) {
  const { refreshes, faults } = await tab.evaluate(async () => {
    await window.tab.busy;
    const { refreshes, faults } = window.tab;
    Object.assign(window.tab, { refreshes: 0, faults: [] });
    return { refreshes, faults };
  });
  results.refreshes[number] += refreshes;
  results.faults.push(...faults);
}

// The server sees a new time within a second: libfaketime looks at the file that often.
async function moveServer(minutes) {
  writeFileSync(`${clock}.new`, `+${minutes * 60}`);
  renameSync(`${clock}.new`, clock);
  const least = Date.now() + (minutes * 60 - 30) * 1000;
  let now = 0;
  while (now < least) {
    await new Promise(resolve => setTimeout(resolve, 100));
    const query = encodeURIComponent('{ serverTime }');
    const { headers } = await fetch(`${url}/graphql?query=${query}`);
    now = Date.parse(headers.get('date'));
  }
}

const tabs = [await context.newPage(), await context.newPage()];
for (const tab of tabs) {
  await open(tab);
}
for (let times = 0; times < RELOADS; times += 1) {
  await Promise.all(tabs.map(open));
  await Promise.all(tabs.map(note));
}
for (let minutes = MINUTES; minutes <= 60; minutes += MINUTES) {
  await moveServer(minutes);
  await context.clock.fastForward(MINUTES * 60_000);
  await Promise.all(tabs.map(note));
}
await browser.close();
server.closeAllConnections();
server.close();
console.log(JSON.stringify(results));
