// Opens GraphiQL with the examples as tabs, and carries the access token of whoever signs in.
'use strict';

(() => {
  const ENDPOINT = '/graphql';
  // Not localStorage: a token should not outlive the browser tab, nor be seen by other tabs.
  const SESSION = 'aftersales:session';
  // Other projects on the same host and port share localStorage, so the tabs need a namespace.
  const storage = GraphiQL.createLocalStorage({ namespace: 'aftersales' });

  function session() {
    return JSON.parse(sessionStorage.getItem(SESSION));
  }

  function remember(accessToken, login) {
    sessionStorage.setItem(SESSION, JSON.stringify({ accessToken, login }));
    showSession();
  }

  function forget(message) {
    sessionStorage.removeItem(SESSION);
    showSession(message);
  }

  function showSession(message = '未登录 · Not signed in') {
    const current = session();
    document.getElementById('signed-in').textContent = current
      ? `已登录 · Signed in as ${current.login}`
      : message;
    document.getElementById('sign-out').hidden = current === null;
  }

  async function fetcher(params, { headers = {} } = {}) {
    const written = Object.keys(headers).some(name => name.toLowerCase() === 'authorization');
    const token = written ? undefined : session()?.accessToken;
    const response = await send(params, headers, token);
    const answer = await response.json().catch(() => ({
      errors: [{ message: `${response.status} ${response.statusText}: not a JSON answer` }],
    }));
    if (token && answer.errors?.some(one => one.extensions?.code === 'UNAUTHENTICATED')) {
      forget('登录已过期 · The session has ended, sign in again');
    }
    noticeSession(params, answer);
    return answer;
  }

  function send(params, headers, token) {
    return fetch(ENDPOINT, {
      method: 'POST',
      headers: {
        accept: 'application/graphql-response+json, application/json',
        'content-type': 'application/json',
        ...(token && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: JSON.stringify(params),
    });
  }

  // Any mutation that answers with an access token counts, so that renewing works like signing in.
  function noticeSession(params, answer) {
    const data = answer.data ?? {};
    if ('signOut' in data) {
      forget();
      return;
    }
    for (const payload of Object.values(data)) {
      if (typeof payload?.accessToken === 'string') {
        remember(payload.accessToken, loginIn(params) ?? session()?.login ?? '?');
      }
    }
  }

  function loginIn({ query, variables }) {
    return variables?.input?.login ?? query.match(/\blogin\s*:\s*"([^"]*)"/)?.[1];
  }

  async function examples() {
    try {
      const response = await fetch('/examples.json');
      return response.ok ? await response.json() : [];
    } catch {
      return [];
    }
  }

  async function open() {
    const tabs = await examples();
    if (storage.getItem('graphiql:tabState') === null) {
      // A prop would hold the documentation open; stored, it can be closed.
      storage.setItem('graphiql:visiblePlugin', 'Documentation Explorer');
      // GraphiQL takes the first tab's query from `defaultTabs`, but its variables only from here.
      storage.setItem('graphiql:variables', tabs[0]?.variables ?? '');
    }
    ReactDOM.createRoot(document.getElementById('graphiql')).render(
      React.createElement(GraphiQL, {
        fetcher,
        storage,
        defaultTabs: tabs.length ? tabs : undefined,
        defaultEditorToolsVisibility: 'variables',
        shouldPersistHeaders: false,
      }),
    );
  }

  document.getElementById('sign-out').addEventListener('click', () => forget());
  showSession();
  open();
})();
