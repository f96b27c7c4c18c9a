// Opens GraphiQL with the examples as tabs, below a bar that names the account in use.
/* global GraphiQL, React, ReactDOM */

import { ask, listen, post, signOut, subscription } from './session.js';
import { complete } from './finders.js';
import { language, say } from './language.js';
import { newStorage, removeOldEntries } from './storage.js';

const NOTICES = {
  expired: '登录已过期, 请重新登录 · The session has ended, sign in again',
  'not-renewed':
    '服务器没有应答, 会话未能续期, 请重试 · The server did not renew the session, try again',
  'signing-out': '正在退出 · Signing out …',
  'signed-out': '已退出 · Signed out',
  'sign-out-unconfirmed':
    '本页已退出, 服务器没有确认 · Signed out on this page, but the server did not confirm it',
};

let tabs = [];
let root = null;

async function examples() {
  try {
    const response = await fetch('/examples.json');
    return response.ok ? await response.json() : [];
  } catch {
    return [];
  }
}

// Shows a new GraphiQL with a new storage, so that nothing typed before remains.
function show() {
  root?.unmount();
  const storage = newStorage();
  // GraphiQL takes the query of the first tab from `defaultTabs`, but its variables from here.
  storage.setItem('graphiql:variables', tabs[0]?.variables ?? '');
  root = ReactDOM.createRoot(document.getElementById('graphiql'));
  root.render(
    React.createElement(GraphiQL, {
      fetcher: run,
      storage,
      defaultTabs: tabs.length ? tabs : undefined,
      defaultEditorToolsVisibility: 'variables',
      shouldPersistHeaders: false,
    }),
  );
}

// Runs an operation with variables that fit now, and shows them.
async function run(params, { headers, documentAST } = {}) {
  const finders = Object.assign({}, ...tabs.map(tab => tab.finders));
  const find = (request, token) =>
    token ? post(request, {}, token) : ask(request, headers);
  const { params: completed, answer, found } = await complete(params, finders, find);
  if (answer) {
    return answer;
  }
  if (Object.keys(found).length) {
    showVariables(found);
  }
  const send = isSubscription(documentAST, params) ? subscription : ask;
  return send(completed, headers);
}

function isSubscription(document, { operationName }) {
  return document?.definitions.some(
    ({ operation, name }) =>
      operation === 'subscription' && (!operationName || name?.value === operationName),
  );
}

function showVariables(found) {
  const editor = document.querySelector(
    'section[aria-label="Variables"] .graphiql-editor:not(.hidden) .CodeMirror',
  )?.CodeMirror;
  if (editor) {
    const variables = { ...JSON.parse(editor.getValue()), ...found };
    editor.setValue(JSON.stringify(variables, null, 2));
  }
}

function describe({ current, header, notice }) {
  if (header) {
    return `${say('此请求头的令牌 · By the Authorization header')}: ${name(header)}`;
  }
  if (!current) {
    return say(NOTICES[notice] ?? '未登录 · Not signed in');
  }
  const text = `${say('已登录 · Signed in as')} ${name(current)}`;
  return notice ? `${text} – ${say(NOTICES[notice])}` : text;
}

// The viewer is undefined until the server has answered, and null if the token is not valid.
function name({ viewer }) {
  if (!viewer) {
    return viewer === null ? say('无法识别 · unknown') : '…';
  }
  return [viewer.name, viewer.kind, viewer.merchant?.name].filter(Boolean).join(' · ');
}

async function open() {
  removeOldEntries();
  document.documentElement.lang = language === 'en' ? 'en' : 'zh-CN';
  const button = document.getElementById('sign-out');
  button.textContent = say(button.textContent);
  button.addEventListener('click', signOut);
  listen({
    onChange(state) {
      document.getElementById('signed-in').textContent = describe(state);
      button.hidden = !state.canSignOut;
    },
    onSignOut: show,
  });
  tabs = await examples();
  show();
}

open();
