// Somebody who uses the console. Notes what a page must never do: errors in the console, violations of
// the policy, requests to elsewhere, operations as text.
import assert from 'node:assert/strict';

export const PASSWORD = 'aftersales-demo';
const TOUR = 'aftersales:console:tour-seen';
/** What has opened and is not closing: a click on what still moves does nothing. */
const OPEN = ':not(.ant-popover-hidden, [class*="-enter"], [class*="-appear"], [class*="-leave"])';

export class Person {
  faults = [];
  /** Patterns of console messages that a walk brings about itself, such as a lost connection. */
  expected = [];

  constructor(page, url, language) {
    this.page = page;
    this.url = url;
    this.language = language;
    page.on('pageerror', error => this.faults.push(String(error)));
    page.on('console', message => {
      const text = message.text();
      const isExpected = this.expected.some(pattern => pattern.test(text));
      if (['error', 'warning'].includes(message.type()) && !isExpected) this.faults.push(text);
    });
    page.on('request', request => {
      const address = request.url();
      if (!/^(blob|data):/.test(address) && !address.startsWith(url)) {
        this.faults.push(`a request to elsewhere: ${address}`);
      }
      if (address.endsWith('/graphql') && /"query":"[^"]/.test(request.postData() ?? '')) {
        this.faults.push(`an operation as text: ${request.postData()}`);
      }
    });
  }

  /** Of two texts, that of the language of the page. A field, so that walks can take it out. */
  t = (zh, en) => (this.language === 'zh' ? zh : en);

  async open(path = '/', { tour = false } = {}) {
    if (!tour) await this.page.addInitScript(key => localStorage.setItem(key, '1'), TOUR);
    await this.page.goto(this.url + path);
  }

  /** Opens the console and signs in; the tour of the demo is seen already, unless it is what is walked. */
  async signIn(login, { path = '/', tour = false } = {}) {
    await this.open(path, { tour });
    await this.page.locator('input[name=login]').fill(login);
    await this.page.locator('input[name=password]').fill(PASSWORD);
    await this.page.locator('button[type=submit]').click();
  }

  /** Counts what a person does with the mouse and the keyboard on the page that is opened next. */
  async counting() {
    await this.page.addInitScript(() => {
      window.counted = { clicks: 0, keys: 0 };
      // A key that presses a button is told as a click too, of no mouse.
      addEventListener('click', event => { if (event.isTrusted && event.detail) window.counted.clicks += 1; }, true);
      addEventListener('keydown', event => { if (event.isTrusted) window.counted.keys += 1; }, true);
    });
    return () => this.page.evaluate(() => window.counted);
  }

  rows() {
    return this.page.locator('.desk-table tbody tr');
  }

  row(id) {
    return this.page.locator(`tr[data-id="${id}"]`);
  }

  /** The ids of orders that are shown and still wait, in their order. */
  async waiting() {
    await this.rows().first().waitFor();
    return this.page.locator('.desk-table tbody tr:not(.is-gone)').evaluateAll(rows => rows.map(row => row.dataset.id));
  }

  panel() {
    return this.page.locator('.desk-panel');
  }

  async press(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Says yes to what a page asks before it does something. */
  confirm() {
    return this.page.locator(`.ant-popover${OPEN} .ant-btn-primary`).click();
  }

  /** The options of a choice. */
  options() {
    return this.page.locator(`.ant-select-dropdown${OPEN}`);
  }

  /** Lets an operation fail until `stop()`: its answer is lost, or `answer` comes instead. */
  async failing(operation, answer = null) {
    const handler = route => {
      if (route.request().postDataJSON()?.operationName !== operation) return route.fallback();
      return answer ? route.fulfill(answer) : route.abort();
    };
    await this.page.route('**/graphql', handler);
    return { stop: () => this.page.unroute('**/graphql', handler) };
  }

  /** Resolves when an operation that the page is about to send is answered. */
  answered(operation) {
    return this.page.waitForResponse(response => response.request().postDataJSON()?.operationName === operation);
  }

  /** What a colleague does elsewhere, past this page; resolves to the data. */
  async elsewhere(login, query, variables) {
    return this.ask(query, variables, await this.token(login));
  }

  /** The access token of another session. */
  async token(login) {
    const { signIn } = await this.ask(
      'mutation($input: SignInInput!) { signIn(input: $input) { accessToken } }',
      { input: { login, password: PASSWORD } },
    );
    return signIn.accessToken;
  }

  async ask(query, variables, token) {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      // Kept alive, it could be closed just when it is used again.
      headers: { 'content-type': 'application/json', connection: 'close', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = await response.json();
    assert.ok(!errors, JSON.stringify(errors));
    return data;
  }
}
