// A page of GraphiQL on a demo, as somebody uses it.
import assert from 'node:assert/strict';

export const LOGIN = 'digital-reviewer';
export const PASSWORD = 'aftersales-demo';
export const STOREFRONT = 'asc_1_demo-storefront';

const SIGN_IN = `mutation SignIn($input: SignInInput!) {
  signIn(input: $input) {
    accessToken refreshToken refusals { code } viewer { merchant { id name } }
  }
}`;
const REFRESH = `mutation($input: RefreshSessionInput!) {
  refreshSession(input: $input) { refusals { code } }
}`;

export class Desk {
  SIGN_IN = SIGN_IN;
  faults = [];
  requests = [];
  sockets = [];

  constructor(page, url) {
    this.page = page;
    this.url = url;
    page.on('pageerror', error => this.faults.push(String(error)));
    page.on('console', message => {
      if (message.text().includes('Content Security Policy')) {
        this.faults.push(message.text());
      }
    });
    page.on('websocket', socket => this.sockets.push(socket));
    page.on('request', request => {
      if (request.method() === 'POST') {
        const { query } = request.postDataJSON();
        const token = request.headers().authorization?.replace('Bearer ', '');
        this.requests.push({ query, token });
      }
    });
  }

  async open() {
    await this.page.goto(`${this.url}/graphiql`);
    await this.page.locator('.graphiql-query-editor .CodeMirror').waitFor();
    await this.editorHolds('Variables', 'login');
  }

  sent(pattern) {
    return this.requests.filter(({ query }) => pattern.test(query));
  }

  // The tools below the query: Variables or Headers.
  async write(tool, text) {
    await this.page.getByRole('button', { name: tool, exact: true }).click();
    await this.type(this.page.locator(`section[aria-label="${tool}"] :not(.hidden) > .CodeMirror`), text);
  }

  async type(editor, text) {
    await editor.click();
    await this.page.keyboard.press('ControlOrMeta+A');
    await this.page.keyboard.press('Delete');
    await this.page.keyboard.insertText(text);
  }

  async run(query, variables = {}) {
    await this.write('Variables', JSON.stringify(variables));
    await this.type(this.page.locator('.graphiql-query-editor .CodeMirror'), query);
    // GraphiQL runs the operation that it has read last, and reads it a moment after the last key.
    const [, name] = query.match(/(?:query|mutation) (\w+)/);
    await this.page.locator('.graphiql-tab-active', { hasText: name }).waitFor();
    await this.page.keyboard.press('ControlOrMeta+Enter');
  }

  async openTab(tab, operation) {
    // GraphiQL renames a tab for the operation that ran last.
    const tabs = this.page.locator('.graphiql-tab');
    this.tabs ??= (await tabs.allInnerTexts()).map(name => name.trim());
    const wanted = tabs.nth(this.tabs.indexOf(tab));
    if (!(await wanted.getAttribute('class')).includes('graphiql-tab-active')) {
      await wanted.click();
    }
    // GraphiQL runs the operation that it has read last, and reads it a moment after the tab opens.
    await this.page.waitForFunction(
      name =>
        document
          .querySelector('.graphiql-query-editor .CodeMirror')
          .CodeMirror.operations?.some(known => known.name?.value === name),
      operation,
    );
  }

  // Opens a tab of an example and runs one of its operations; resolves to the answer.
  async runTab(tab, operation) {
    await this.openTab(tab, operation);
    const answered = this.page.waitForResponse(
      response => response.request().postDataJSON()?.operationName === operation,
    );
    await this.page.locator('.graphiql-execute-button').click();
    const choice = this.page.getByRole('menuitem', { name: operation, exact: true });
    const isMany = (await this.page.locator('.graphiql-execute-button[aria-haspopup]').count()) > 0;
    if (isMany) {
      await choice.click();
    }
    return (await answered).json();
  }

  // Starts the subscription of a tab, or stops it.
  async start(tab) {
    await this.openTab(tab, tab);
    await this.page.getByRole('button', { name: 'Execute query' }).click();
    await this.page.getByRole('button', { name: 'Stop query' }).waitFor();
  }

  async stop() {
    await this.page.getByRole('button', { name: 'Stop query' }).click();
    await this.page.getByRole('button', { name: 'Execute query' }).waitFor();
  }

  // Waits until so many WebSockets were opened, and all but the last few are closed.
  async hasSockets(opened, open) {
    const deadline = Date.now() + 10_000;
    const counts = () => [this.sockets.length, this.sockets.filter(one => !one.isClosed()).length];
    while (String(counts()) !== String([opened, open]) && Date.now() < deadline) {
      await this.page.waitForTimeout(20);
    }
    assert.deepEqual(counts(), [opened, open]);
  }

  // Another client notes something on an order; resolves to the order's version.
  async note(text, token) {
    const orders = '{ serviceOrders(first: 1) { nodes { id } } }';
    const [{ id }] = (await this.post(orders, {}, token)).data.serviceOrders.nodes;
    const { data } = await this.post(
      'mutation($input: AddNoteInput!) { addNote(input: $input) { serviceOrder { version } } }',
      { input: { id, text } },
      token,
    );
    return data.addNote.serviceOrder.version;
  }

  variables() {
    return this.page.evaluate(() =>
      document
        .querySelector('section[aria-label="Variables"] .graphiql-editor:not(.hidden) > .CodeMirror')
        .CodeMirror.getValue(),
    );
  }

  // Waits until the answer holds a text, and returns it.
  async answered(text) {
    const holds = wanted => {
      const shown = document.querySelector('.result-window .CodeMirror').CodeMirror.getValue();
      return shown.includes(wanted) && shown;
    };
    return (await this.page.waitForFunction(holds, text)).jsonValue();
  }

  async shown() {
    return JSON.parse(await this.answered('{')).data;
  }

  async editorHolds(tool, text) {
    await this.page.waitForFunction(
      ([label, wanted]) =>
        document
          .querySelector(`section[aria-label="${label}"] :not(.hidden) > .CodeMirror`)
          ?.CodeMirror.getValue()
          .includes(wanted),
      [tool, text],
    );
  }

  // The lines of the query that end beyond the right edge of its editor.
  cutLines() {
    return this.page.evaluate(() => {
      const element = document.querySelector('.graphiql-query-editor .CodeMirror');
      const { right } = element.getBoundingClientRect();
      return element.CodeMirror.getValue()
        .split('\n')
        .filter(
          (text, line) =>
            element.CodeMirror.charCoords({ line, ch: text.length }, 'window').left > right,
        );
    });
  }

  async bar(text) {
    await this.page.locator('#signed-in').filter({ hasText: text }).waitFor();
  }

  async signIn(login = LOGIN) {
    const asked = this.page.waitForResponse(response =>
      response.request().postData()?.includes(login),
    );
    await this.run(SIGN_IN, { input: { login, password: PASSWORD } });
    const { signIn } = (await (await asked).json()).data;
    await this.answered(signIn.accessToken);
    await this.bar(signIn.viewer.merchant.name);
    return signIn;
  }

  async signOut() {
    await this.page.getByRole('button', { name: 'Sign out' }).click();
    await this.bar('Signed out');
  }

  // Makes the server take a token for one that has expired, until the page has renewed it.
  async expire(accessToken) {
    let isExpired = true;
    await this.page.route('**/graphql', async route => {
      const headers = route.request().headers();
      if (isExpired && headers.authorization === `Bearer ${accessToken}`) {
        return route.continue({ headers: { ...headers, authorization: 'Bearer expired' } });
      }
      // Two access tokens of a session that were issued in the same second are the same.
      isExpired &&= !route.request().postData().includes('refreshSession');
      return route.continue();
    });
  }

  // The same for the next WebSocket.
  async expireNextSocket() {
    let isExpired = true;
    await this.page.routeWebSocket('**/graphql', socket => {
      const server = socket.connectToServer();
      socket.onMessage(text => {
        const message = JSON.parse(text);
        if (message.type === 'connection_init' && isExpired) {
          message.payload.authorization = 'Bearer expired';
          isExpired = false;
        }
        server.send(JSON.stringify(message));
      });
    });
  }

  // Asks the server past the page.
  async post(query, variables = {}, token = null) {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    return response.json();
  }

  async codeFor(accessToken) {
    const answer = await this.post('{ viewer { name } }', {}, accessToken);
    return answer.errors?.[0].extensions.code ?? null;
  }

  async refusalOf(refreshToken) {
    const answer = await this.post(REFRESH, { input: { refreshToken } });
    return answer.data.refreshSession.refusals[0]?.code ?? null;
  }

  // Nothing that outlives the page holds any of these texts.
  async holdsNone(secrets) {
    const kept = await this.page.evaluate(async () =>
      JSON.stringify([
        { ...localStorage },
        { ...sessionStorage },
        document.cookie,
        location.href,
        history.state,
        document.title,
        window.name,
        await indexedDB.databases(),
        await caches.keys(),
      ]),
    );
    for (const secret of secrets) {
      assert.ok(!kept.includes(secret), `the browser keeps ${secret}: ${kept}`);
    }
  }
}
