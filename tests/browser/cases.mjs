// What the page must do in a browser: each case gets a page that has just been opened.
import assert from 'node:assert/strict';

import { LOGIN, PASSWORD, STOREFRONT } from './desk.mjs';

const QUEUE = 'query Queue { queueSummary { review { waiting } } }';
const REFRESH = /refreshSession\(/;

export const cases = {
  async 'no storage keeps typed text or tokens, and a reload forgets them'(desk) {
    const typed = 'typed-by-mistake';
    await desk.run(desk.SIGN_IN, { input: { login: LOGIN, password: typed } });
    await desk.answered('INVALID_CREDENTIALS');
    const { accessToken, refreshToken } = await desk.signIn();
    await desk.write('Headers', '{ "Authorization": "Bearer typed-header" }');
    const secrets = [typed, PASSWORD, LOGIN, accessToken, refreshToken, 'typed-header', 'signIn'];
    // GraphiQL stores half a second after the last key: nothing on the page shows that it did.
    await desk.page.waitForTimeout(1000);
    await desk.holdsNone(secrets);
    await desk.page.reload();
    await desk.bar('Not signed in');
    await desk.editorHolds('Variables', 'login');
    await desk.holdsNone(secrets);
  },

  async 'the address, the title and the history of the page never change'(desk) {
    const place = () => desk.page.evaluate(() => [location.href, document.title, history.length]);
    const before = await place();
    await desk.signIn();
    await desk.signOut();
    assert.deepEqual(await place(), before);
    assert.equal(before[0], `${desk.url}/graphiql`);
  },

  async 'signing out ends every session that was opened on the page'(desk) {
    const first = await desk.signIn('digital-owner');
    const second = await desk.signIn();
    assert.equal(await desk.codeFor(first.accessToken), null);
    await desk.signOut();
    for (const tokens of [first, second]) {
      assert.equal(await desk.codeFor(tokens.accessToken), 'UNAUTHENTICATED');
      assert.equal(await desk.refusalOf(tokens.refreshToken), 'SESSION_ENDED');
    }
  },

  async 'signing out ends a session whose access token has expired'(desk) {
    const { accessToken, refreshToken } = await desk.signIn();
    await desk.expire(accessToken);
    await desk.signOut();
    assert.equal(await desk.codeFor(accessToken), 'UNAUTHENTICATED');
    assert.equal(await desk.refusalOf(refreshToken), 'SESSION_ENDED');
  },

  async 'signing out clears the editors, the answer and the history'(desk) {
    const typed = 'typed-by-mistake';
    await desk.run(desk.SIGN_IN, { input: { login: LOGIN, password: typed } });
    await desk.answered('INVALID_CREDENTIALS');
    const { refreshToken } = await desk.signIn();
    await desk.signOut();
    await desk.editorHolds('Variables', 'digital-reviewer'); // the first tab's, as at the start
    await desk.page.getByRole('button', { name: 'Show History' }).click();
    await desk.page.getByText('History', { exact: true }).waitFor();
    const shown = await desk.page.evaluate(() =>
      [...document.querySelectorAll('.CodeMirror')]
        .map(editor => editor.CodeMirror.getValue())
        .concat(document.body.innerText)
        .join('\n'),
    );
    assert.ok(!shown.includes(typed) && !shown.includes(refreshToken));
    assert.equal(await desk.page.locator('.graphiql-history-item').count(), 0);
  },

  async 'a signOut that was typed does the same as the button'(desk) {
    const { refreshToken } = await desk.signIn();
    await desk.run('mutation Out { signOut { done } }');
    await desk.bar('Signed out');
    await desk.editorHolds('Variables', 'digital-reviewer');
    assert.equal(await desk.refusalOf(refreshToken), 'SESSION_ENDED');
  },

  async 'the page says if the server did not confirm that it signed out'(desk) {
    await desk.signIn();
    await desk.page.route('**/graphql', route => route.abort());
    await desk.page.getByRole('button', { name: 'Sign out' }).click();
    await desk.bar('did not confirm');
    await desk.page.unroute('**/graphql');
    await desk.page.reload();
    await desk.bar('Not signed in');
  },

  async 'a sign-in that is answered after the user signed out is ended'(desk) {
    await desk.signIn();
    let answerNow;
    const signedOut = new Promise(resolve => (answerNow = resolve));
    const signedIn = new Promise(resolve => {
      desk.page.route('**/graphql', async route => {
        if (route.request().postDataJSON().operationName !== 'SignIn') {
          return route.continue();
        }
        const response = await route.fetch();
        resolve((await response.json()).data.signIn);
        await signedOut;
        return route.fulfill({ response });
      });
    });
    await desk.run(desk.SIGN_IN, { input: { login: LOGIN, password: PASSWORD } });
    const late = await signedIn;
    const ending = desk.page.waitForResponse(
      response => response.request().headers().authorization === `Bearer ${late.accessToken}`,
    );
    const [ended] = await Promise.all([ending, desk.signOut().then(answerNow)]);
    await ended.finished();
    await desk.bar('Signed out');
    assert.equal(await desk.refusalOf(late.refreshToken), 'SESSION_ENDED');
  },

  async 'the bar names the account of the token in use'(desk) {
    const { viewer } = await desk.signIn();
    await desk.bar(`Signed in as 李审言 · EMPLOYEE · ${viewer.merchant.name}`);
    await desk.write('Headers', `{ "Authorization": "Bearer ${STOREFRONT}" }`);
    await desk.run('query Name { viewer { name } }');
    await desk.bar('By the Authorization header: 商城前台 · CONNECTOR');
    await desk.run(
      `mutation Issue($id: ID!) {
        issueCustomerToken(input: { customerRef: "c-7", merchantId: $id }) { accessToken }
      }`,
      { id: viewer.merchant.id },
    );
    await desk.bar(`CUSTOMER · ${viewer.merchant.name}`);
    await desk.write('Headers', '');
    await desk.run('query Kind { viewer { kind } }');
    await desk.answered('CUSTOMER');
    await desk.bar('Signed in as');
  },

  async 'an expired access token is renewed, and the request is sent again'(desk) {
    const { accessToken } = await desk.signIn();
    await desk.expire(accessToken);
    await desk.run(QUEUE);
    await desk.answered('waiting');
    await desk.bar('Signed in as 李审言');
    assert.equal(desk.sent(REFRESH).length, 1);
  },

  async 'requests that find the token expired together share one renewal'(desk) {
    const { accessToken } = await desk.signIn();
    await desk.expire(accessToken);
    const answers = await desk.page.evaluate(async query => {
      const { ask } = await import('/assets/session.js');
      return Promise.all([1, 2, 3].map(() => ask({ query })));
    }, QUEUE);
    assert.deepEqual(
      answers.map(answer => Object.keys(answer.data)),
      Array(3).fill(['queueSummary']),
    );
    assert.equal(desk.sent(REFRESH).length, 1);
  },

  async 'a renewal whose answer is lost is asked for again'(desk) {
    const { accessToken } = await desk.signIn();
    await desk.expire(accessToken);
    let lost = 0;
    await desk.page.route('**/graphql', route =>
      REFRESH.test(route.request().postData()) && lost++ === 0
        ? route.abort('connectionreset')
        : route.fallback(),
    );
    await desk.run(QUEUE);
    await desk.answered('waiting');
    assert.equal(desk.sent(REFRESH).length, 2);
  },

  async 'a mutation that did something is not sent again'(desk) {
    const { accessToken } = await desk.signIn();
    const partly = {
      data: { first: { refusals: [] }, second: null },
      errors: [{ message: 'expired', extensions: { code: 'UNAUTHENTICATED' } }],
    };
    await desk.page.route('**/graphql', route =>
      route.request().headers().authorization === `Bearer ${accessToken}`
        ? route.fulfill({ json: partly })
        : route.fallback(),
    );
    const twice = 'mutation Twice { first: signOut { refusals { code } } second: signOut { done } }';
    await desk.run(twice);
    await desk.answered('expired');
    assert.equal(desk.sent(/Twice/).length, 1);
    assert.equal(desk.sent(REFRESH).length, 1);
  },

  async 'the bar says that a session has ended'(desk) {
    const { accessToken } = await desk.signIn();
    await desk.post('mutation { signOut { done } }', {}, accessToken);
    await desk.run(QUEUE);
    await desk.bar('The session has ended, sign in again');
    await desk.answered('UNAUTHENTICATED');
  },

  async 'a session is kept if the server cannot be reached to renew it'(desk) {
    const { accessToken } = await desk.signIn();
    await desk.expire(accessToken);
    const cut = route =>
      REFRESH.test(route.request().postData()) ? route.abort() : route.fallback();
    await desk.page.route('**/graphql', cut);
    await desk.run(QUEUE);
    await desk.bar('did not renew the session');
    await desk.page.unroute('**/graphql', cut);
    await desk.run(`${QUEUE} # again`);
    await desk.answered('waiting');
    await desk.bar(/^已登录 · Signed in as [^–]*$/);
  },

  async 'a refresh that was typed updates the tokens in use'(desk) {
    const { refreshToken } = await desk.signIn();
    await desk.run(
      `mutation Typed($input: RefreshSessionInput!) {
        refreshSession(input: $input) { accessToken refreshToken }
      }`,
      { input: { refreshToken } },
    );
    const { data } = JSON.parse(await desk.answered('accessToken'));
    await desk.run(QUEUE);
    await desk.answered('waiting');
    assert.equal(desk.sent(/Queue/).at(-1).token, data.refreshSession.accessToken);
    await desk.signOut();
    assert.equal(await desk.refusalOf(data.refreshSession.refreshToken), 'SESSION_ENDED');
  },

  async 'every tab works, also after the clock was moved'(desk) {
    await desk.signIn('digital-owner');
    for (const [tab, operation] of [
      ['TwoDaysLater', 'TwoDaysLater'],
      ...['ReviewOne', 'ReviewOne', 'Plan', 'Batch', 'Batch', 'Preview'].map(name => [
        { Batch: 'Plan', Preview: 'SignInAsOwner' }[name] ?? name,
        name,
      ]),
      ...['ShipForCustomer', 'Receive', 'Refund'].map(name => ['ShipForCustomer', name]),
      ...[
        'Claim',
        'Workload',
        'AssignToColleague',
        'FindByPhone',
        'MendApproval',
        'OwnReason',
        'RejectForOwnReason',
      ].map(name => ['Claim', name]),
      ...['Quality', 'QualityByDay', 'QualityByEmployee', 'OrdersBehindBadReviews'].map(name => [
        'Quality',
        name,
      ]),
      ...['MonthlyScore', 'OpenAlerts', 'AtRisk', 'Activity', 'Today'].map(name => [
        'MonthlyScore',
        name,
      ]),
      ['ApprovedByTheClock', 'ApprovedByTheClock'],
      ['Lifecycle', 'Lifecycle'],
    ]) {
      const answer = await desk.runTab(tab, operation);
      const codes = JSON.stringify(answer).match(/"code":"[A-Z_]+"/g) ?? [];
      const isReference = operation === 'Lifecycle' || operation === 'OwnReason';
      assert.equal(answer.errors, undefined, `${operation}: ${JSON.stringify(answer.errors)}`);
      assert.ok(isReference || !/"refusals":\[\{/.test(JSON.stringify(answer)), `${operation} ${codes}`);
    }
  },

  async 'the variables show what a tab has found, and what a person typed stays'(desk) {
    await desk.signIn();
    await desk.runTab('ReviewOne', 'ReviewOne');
    const shown = JSON.parse(await desk.variables());
    assert.ok(!shown.id.startsWith('<'), shown.id);
    await desk.write('Variables', '{ "id": "typed" }');
    const { data, errors } = await desk.runTab('ReviewOne', 'ReviewOne');
    assert.ok(errors ?? data.reviewServiceOrder.refusals.length);
    assert.deepEqual(JSON.parse(await desk.variables()), { id: 'typed' });
  },

  async 'the page and its documentation are in the language of its address'(desk) {
    const chinese = /服务单的状态, 以及每个状态允许的操作/;
    for (const [lang, bar, button] of [
      ['zh', '未登录', '退出'],
      ['en', 'Not signed in', 'Sign out'],
    ]) {
      const introspected = desk.page.waitForResponse(response =>
        response.request().postData()?.includes('IntrospectionQuery'),
      );
      await desk.page.goto(`${desk.url}/graphiql?lang=${lang}`);
      assert.equal(chinese.test(await (await introspected).text()), lang === 'zh');
      await desk.bar(new RegExp(`^${bar}$`));
      assert.equal(await desk.page.locator('#sign-out').textContent(), button);
    }
  },

  async 'a subscription shows what another client does, until it is stopped'(desk) {
    const { accessToken } = await desk.signIn('digital-supervisor');
    await desk.start('Live');
    const version = await desk.note('第一条', accessToken);
    await desk.answered(`"version": ${version}`);
    const { cursor, event } = (await desk.shown()).events;
    assert.equal(event.kind, 'NOTED');
    await desk.stop();
    await desk.hasSockets(1, 0);
    const later = await desk.note('第二条', accessToken);
    await desk.write('Variables', JSON.stringify({ after: cursor }));
    await desk.start('Live');
    await desk.answered(`"version": ${later}`); // the event after the cursor
    await desk.hasSockets(2, 1);
    await desk.signOut();
    await desk.hasSockets(2, 0);
  },

  async 'a subscription whose token has expired is sent again, and shows why it ends'(desk) {
    const { accessToken } = await desk.signIn('digital-supervisor');
    await desk.expireNextSocket();
    await desk.start('Live');
    const version = await desk.note('备注', accessToken);
    await desk.answered(`"version": ${version}`);
    assert.equal(desk.sent(REFRESH).length, 1);
    await desk.post('mutation { signOut { done } }', {}, accessToken);
    await desk.answered('UNAUTHENTICATED');
    await desk.page.getByRole('button', { name: 'Execute query' }).waitFor();
  },

  async 'no line of a tab is cut at the right edge of the editor'(desk) {
    await desk.page.setViewportSize({ width: 1280, height: 800 });
    const tabs = desk.page.locator('.graphiql-tab');
    const names = (await tabs.allInnerTexts()).map(name => name.trim());
    assert.ok(names.includes('SignIn') && names.includes('ReviewOne'), names.join());
    for (const [index, name] of names.entries()) {
      await tabs.nth(index).click();
      await desk.page.locator('.graphiql-tab-active', { hasText: name }).waitFor();
      assert.deepEqual(await desk.cutLines(), [], name);
    }
  },

  async 'entries of earlier versions of the page are removed, and the display settings stay'(desk) {
    await desk.page.goto(`${desk.url}/assets/icon.svg`);
    await desk.page.evaluate(() => {
      for (const name of ['tabState', 'variables', 'query', 'headers', 'queries', 'favorites']) {
        localStorage.setItem(`graphiql:${name}`, 'a password');
        localStorage.setItem(`aftersales:graphiql:${name}`, 'a password');
      }
      localStorage.setItem('aftersales:graphiql:theme', 'dark');
      localStorage.setItem('another project', 'its own');
      sessionStorage.setItem('aftersales:session', 'a token');
    });
    await desk.page.goto(`${desk.url}/graphiql`);
    await desk.page.locator('body.graphiql-dark').waitFor();
    await desk.holdsNone(['a password', 'a token']);
    const kept = await desk.page.evaluate(() => Object.keys(localStorage).sort());
    assert.deepEqual(kept, ['aftersales:graphiql:theme', 'another project']);
  },
};
