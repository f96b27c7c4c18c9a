// Who is signed in: tokens are kept in memory only, shared with the other tabs of the console, and
// renewed before they expire.
//
// Neither localStorage nor sessionStorage holds them: a browser writes both to disk. A new tab gets them
// from another tab through a BroadcastChannel. A tab that is loaded again leaves them with a service
// worker, which keeps them in memory for ten seconds: public/keeper.js.
import { graphql } from './graphql';
import { post } from './post';
import { createStore } from './store';

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** In milliseconds of this machine's clock, a minute early. */
  readonly renewAt: number;
}

export interface Session {
  /** `expired`: the person was signed in, and must give the password again. */
  readonly state: 'looking' | 'signed-out' | 'signed-in' | 'expired';
  /** Another one for each account that signs in: what belongs to an account is keyed by it. */
  readonly number: number;
  readonly viewerId: string | null;
}

interface Pair {
  readonly accessToken: string | null;
  readonly refreshToken: string | null;
}

const CHANNEL = 'aftersales:console';
const KEEPER = '/console/keeper.js';
const MARK = 'aftersales:console:session';
const DEVICE = 'aftersales:console:device';
const LOOK_MS = 400;
const LIFE_MS = 15 * 60_000;
const EARLY_MS = 60_000;

const RENEW = graphql(`
  mutation RenewSession($input: RefreshSessionInput!) {
    refreshSession(input: $input) { accessToken refreshToken refusals { code } }
  }
`);
const SIGN_OUT = graphql(`mutation EndThisSession { signOut { done } }`);

interface Kept {
  readonly tokens: Tokens | null;
  readonly viewerId: string | null;
}

type Message =
  | { kind: 'ask' }
  | { kind: 'tokens'; tokens: Tokens; viewerId: string | null }
  | { kind: 'signed-out' };

let tokens: Tokens | null = null;
let renewal: Promise<boolean> | null = null;
const channel = new BroadcastChannel(CHANNEL);

export const sessionStore = createStore<Session>({ state: 'looking', number: 0, viewerId: null });

channel.onmessage = ({ data }: MessageEvent<Message>) => {
  if (data.kind === 'ask' && tokens) share();
  if (data.kind === 'signed-out' && tokens) forget('signed-out');
  if (data.kind === 'tokens') adopt(data.tokens, data.viewerId);
};

/** Asks the keeper and the other tabs who is signed in; without an answer, nobody is. */
export function look(): void {
  const keeper = registered();
  if (!localStorage.getItem(MARK)) {
    forget('signed-out');
    return;
  }
  void keeper.then(worker => {
    const answer = new MessageChannel();
    answer.port1.onmessage = ({ data }: MessageEvent<Kept | null>) => {
      if (data?.tokens && !tokens) adopt(data.tokens, data.viewerId);
    };
    worker?.postMessage({ kind: 'take' }, [answer.port2]);
  });
  channel.postMessage({ kind: 'ask' } satisfies Message);
  setTimeout(() => sessionStore.get().state === 'looking' && forget('signed-out'), LOOK_MS);
}

/** The keeper, to which a page that is left hands its tokens. None where the page is not served over TLS. */
async function registered(): Promise<ServiceWorker | null> {
  if (!window.isSecureContext) return null;
  const workers = navigator.serviceWorker;
  // Registered once: registering again waits for the browser's look for a newer one, seconds at times.
  const registration = await workers.getRegistration(KEEPER).then(known => known ?? workers.register(KEEPER)).catch(() => null);
  window.addEventListener('pagehide', () => {
    if (tokens) registration?.active?.postMessage({ kind: 'keep', ...kept() });
  });
  return registration?.active ?? null;
}

export function currentTokens(): Tokens | null {
  return tokens;
}

/** Takes the tokens of a sign-in. */
export function signedIn(pair: Pair, viewerId: string, deviceToken: string | null): void {
  if (deviceToken) localStorage.setItem(DEVICE, deviceToken); // no credential: see docs/clients.md
  localStorage.setItem(MARK, '1');
  adopt(timed(pair), viewerId);
  share();
}

export function deviceToken(): string | null {
  return localStorage.getItem(DEVICE);
}

export async function signOut(): Promise<void> {
  const ended = tokens;
  localStorage.removeItem(MARK);
  channel.postMessage({ kind: 'signed-out' } satisfies Message);
  forget('signed-out');
  if (ended) await post(SIGN_OUT, {}, ended.accessToken).catch(() => null);
}

/** Resolves to whether the session goes on. Requests that come together share one renewal. */
export function renew(): Promise<boolean> {
  renewal ??= renewed().finally(() => {
    renewal = null;
  });
  return renewal;
}

async function renewed(): Promise<boolean> {
  const old = tokens;
  if (!old) return false;
  const variables = { input: { refreshToken: old.refreshToken } };
  // Sent again if the answer was lost: the server gives the same pair again for 30 seconds.
  const answer = await post(RENEW, variables)
    .catch(() => post(RENEW, variables))
    .catch(() => null);
  if (tokens !== old) return Boolean(tokens); // another tab was faster
  const pair = answer?.data?.refreshSession;
  if (pair?.accessToken) {
    tokens = timed(pair);
    share();
    return true;
  }
  if (pair) forget('expired');
  return false;
}

function timed({ accessToken, refreshToken }: Pair): Tokens {
  const renewAt = Date.now() + LIFE_MS - EARLY_MS;
  return { accessToken: accessToken ?? '', refreshToken: refreshToken ?? '', renewAt };
}

function adopt(received: Tokens, viewerId: string | null): void {
  const { number, viewerId: before } = sessionStore.get();
  tokens = received;
  const isSame = before !== null && before === viewerId;
  sessionStore.set({ state: 'signed-in', number: isSame ? number : number + 1, viewerId });
}

function forget(state: 'signed-out' | 'expired'): void {
  tokens = null;
  const { number, viewerId } = sessionStore.get();
  sessionStore.set({ state, number, viewerId: state === 'expired' ? viewerId : null });
}

function share(): void {
  if (tokens) channel.postMessage({ kind: 'tokens', tokens, viewerId: kept().viewerId } satisfies Message);
}

function kept(): Kept {
  return { tokens, viewerId: sessionStore.get().viewerId };
}
