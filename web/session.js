// The tokens of the page: kept in memory only, renewed when they expire, ended at sign-out.

/* global graphqlWs */

import { languageHeaders, say } from './language.js';

const ENDPOINT = '/graphql';
const VIEWER = 'query Viewer { viewer { kind name merchant { name } } }';
const SIGN_OUT = 'mutation SignOut { signOut { done refusals { code } } }';
const LOST = '连接中断, 再运行一次 · The connection was lost: run it again';
const REFRESH = `mutation RefreshSession($input: RefreshSessionInput!) {
  refreshSession(input: $input) { accessToken refreshToken refusals { code } }
}`;

// Tokens are { accessToken, refreshToken, renewals, renewal, viewer, isEnded }; `renewals` counts the
// renewals so far, and `renewal` is the one in progress. sessionStorage does not hold them either: a
// browser writes it to disk, and restores it with a closed tab.
let current = null; // the tokens in use
let received = []; // all tokens that this page received since the last sign-out
let header = null; // { authorization, viewer }, if the last request had its own header
let notice = null; // why no one is signed in, or the problem with the session
let signOuts = 0;
const subscriptions = new Set(); // the clients of those that run
let listeners = { onChange() {}, onSignOut() {} };

export function listen(newListeners) {
  listeners = newListeners;
  report(null);
}

// Sends a GraphQL request with the tokens in use, unless its headers contain a token.
export async function ask(params, headers = {}) {
  const signOutsBefore = signOuts;
  const authorization = authorizationIn(headers);
  const tokens = authorization === null ? current : null;
  const answer = await (tokens ? askWith(tokens, params, headers) : post(params, headers));
  if (signOuts !== signOutsBefore) {
    // The user signed out while this request ran, so the session that it opened is ended.
    await Promise.all(tokensIn(answer).map(end));
    return answer;
  }
  noticeHeader(authorization, headers);
  tokensIn(answer).forEach(tokens => use(tokens, params));
  if (tokens && answer.data?.signOut?.done) {
    tokens.isEnded = true;
    await signOut();
  }
  return answer;
}

// Subscribes with the tokens in use, unless the headers contain a token. Returns an observable: an
// async generator could not be stopped while it waits for a result.
export function subscription(params, headers = {}) {
  const authorization = authorizationIn(headers);
  const tokens = authorization === null ? current : null;
  noticeHeader(authorization, headers);
  return {
    subscribe(observer) {
      let stop = () => {};
      let isStopped = false;
      let hasBegun = false;
      const start = (onRefused) => {
        const bearer = tokens && `Bearer ${tokens.accessToken}`;
        stop = results(params, authorization ?? bearer, {
          next(result) {
            hasBegun = true;
            observer.next(result);
          },
          complete: finish,
          error: onRefused,
        });
      };
      const finish = () => {
        if (!isStopped) {
          observer.complete();
        }
      };
      const fail = errors => {
        observer.next({ errors });
        finish();
      };
      const { renewals } = tokens ?? {};
      start(async errors => {
        // Not renewed in the middle: what was sent already would be sent again.
        const isExpired = tokens && !hasBegun && isUnauthenticated({ errors });
        if (!isExpired || !(await renewedSince(renewals, tokens))) {
          fail(errors);
        } else if (!isStopped) {
          start(fail);
        }
      });
      return {
        unsubscribe() {
          isStopped = true;
          stop();
        },
      };
    },
  };
}

// Forgets all tokens, and ends every session on the server that this page opened.
export async function signOut() {
  const ending = received;
  signOuts += 1;
  current = header = null;
  received = [];
  subscriptions.forEach(client => client.dispose());
  report('signing-out');
  listeners.onSignOut();
  const ended = await Promise.all(ending.map(end));
  report(ended.every(Boolean) ? 'signed-out' : 'sign-out-unconfirmed');
}

async function askWith(tokens, params, headers) {
  const { renewals } = tokens;
  const answer = await post(params, headers, tokens.accessToken);
  if (!isUnauthenticated(answer) || !(await renewedSince(renewals, tokens))) {
    return answer;
  }
  // A request that did something is not sent again: a token can expire between two fields.
  const didNothing = Object.values(answer.data ?? {}).every(value => value === null);
  const isInUse = tokens === current;
  return isInUse && didNothing ? post(params, headers, tokens.accessToken) : answer;
}

// Concurrent requests whose token has expired share one renewal.
async function renewedSince(renewals, tokens) {
  if (tokens.renewals === renewals) {
    tokens.renewal ??= renew(tokens).finally(() => {
      tokens.renewal = null;
    });
    await tokens.renewal;
  }
  return tokens.renewals > renewals;
}

async function renew(tokens) {
  if (!tokens.refreshToken) {
    lose(tokens, 'expired');
    return;
  }
  const params = { query: REFRESH, variables: { input: { refreshToken: tokens.refreshToken } } };
  // Retried once if the answer was lost: the server gives the same pair again for 30 seconds.
  const answer = await post(params)
    .catch(() => post(params))
    .catch(() => ({}));
  const payload = answer.data?.refreshSession;
  if (payload?.accessToken) {
    tokens.accessToken = payload.accessToken;
    tokens.refreshToken = payload.refreshToken;
    tokens.renewals += 1;
    if (notice === 'not-renewed') {
      report(null);
    }
    return;
  }
  if (payload) {
    tokens.isEnded = true;
    lose(tokens, 'expired');
  } else if (tokens === current) {
    report('not-renewed');
  }
}

function lose(tokens, why) {
  if (tokens === current) {
    current = null;
    report(why);
  }
}

// Resolves to whether the server has ended the session of these tokens.
async function end(tokens) {
  await tokens.renewal;
  // A customer's token belongs to no session: it can only expire.
  if (tokens.isEnded || tokens.viewer?.kind === 'CUSTOMER') {
    return true;
  }
  try {
    const { renewals } = tokens;
    let answer = await post({ query: SIGN_OUT }, {}, tokens.accessToken);
    if (isUnauthenticated(answer) && (await renewedSince(renewals, tokens))) {
      answer = await post({ query: SIGN_OUT }, {}, tokens.accessToken);
    }
    tokens.isEnded ||= Boolean(answer.data?.signOut);
  } catch {
    return false;
  }
  return Boolean(tokens.isEnded);
}

function tokensIn(answer) {
  return Object.values(answer.data ?? {})
    .filter(payload => typeof payload?.accessToken === 'string')
    .map(({ accessToken, refreshToken }) => ({ accessToken, refreshToken, renewals: 0 }));
}

// Takes the tokens of any mutation that returns an access token, also of one typed by hand.
function use(tokens, params) {
  const sent = JSON.stringify(params);
  const renewed = received.find(
    ({ refreshToken }) => refreshToken && sent.includes(refreshToken),
  );
  if (renewed) {
    const { accessToken, refreshToken } = tokens;
    Object.assign(renewed, { accessToken, refreshToken, renewals: renewed.renewals + 1 });
  } else {
    received.push(tokens);
  }
  current = renewed ?? tokens;
  header = null;
  report(null);
  identify(current);
}

async function identify(tokens) {
  const answer = await askWith(tokens, { query: VIEWER }, {}).catch(() => ({}));
  tokens.viewer = answer.data?.viewer ?? null;
  report(notice);
}

async function noticeHeader(authorization, headers) {
  if (authorization === header?.authorization) {
    return;
  }
  header = authorization === null ? null : { authorization };
  report(notice);
  if (header) {
    const asked = header;
    const answer = await post({ query: VIEWER }, headers).catch(() => ({}));
    asked.viewer = answer.data?.viewer ?? null;
    report(notice);
  }
}

function report(about) {
  notice = about;
  listeners.onChange({ current, header, notice, canSignOut: received.length > 0 });
}

function authorizationIn(headers) {
  const name = Object.keys(headers).find(key => key.toLowerCase() === 'authorization');
  return name ? String(headers[name]) : null;
}

function isUnauthenticated(answer) {
  return Boolean(answer.errors?.some(error => error.extensions?.code === 'UNAUTHENTICATED'));
}

// Each subscription has a connection of its own: the token belongs to the connection. Returns a
// function that ends it.
function results(params, authorization, { next, complete, error }) {
  const client = graphqlWs.createClient({
    url: new URL(ENDPOINT, location.href.replace('http', 'ws')).href,
    connectionParams: {
      ...(authorization && { authorization }),
      acceptLanguage: languageHeaders['accept-language'],
    },
    retryAttempts: 0,
  });
  const end = () => {
    subscriptions.delete(client);
    client.dispose();
  };
  subscriptions.add(client);
  client.subscribe(params, {
    next,
    complete() {
      end();
      complete();
    },
    error(reason) {
      end();
      error(Array.isArray(reason) ? reason : [{ message: say(LOST) }]);
    },
  });
  return end;
}

export async function post(params, headers = {}, accessToken = null) {
  const response = await fetch(ENDPOINT, {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json, application/json',
      'content-type': 'application/json',
      ...languageHeaders,
      ...(accessToken && { authorization: `Bearer ${accessToken}` }),
      ...headers,
    },
    body: JSON.stringify(params),
  });
  return response.json().catch(() => ({
    errors: [{ message: `${response.status} ${response.statusText}: not a JSON answer` }],
  }));
}
