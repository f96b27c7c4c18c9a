// Whether the server answers: every request is watched, and a lost server is asked until it is back.
import { createStore } from './store';

/** `outdated`: the server is of another release than this page. */
export type Connection = 'up' | 'lost' | 'overloaded' | 'outdated';

const PROBE = '/healthz';
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;
/** A server that is lost again sooner is asked as rarely as before: it may refuse all but the probe. */
const CALM_MS = 60_000;

/** How often something was forbidden: then a permission may have been taken away. */
export const forbiddenStore = createStore(0);

/** Whether live updates arrive. */
export const liveStore = createStore(false);

export const connectionStore = createStore<Connection>('up');

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | null = null;
let wait = FIRST_WAIT_MS;
let backAt = 0;

/** Calls the listener each time that the server is back. */
export function onBack(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** `fetch`, noticing a connection that is lost and a server that is overloaded. */
export async function watchedFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  let response;
  try {
    response = await fetch(input, init);
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'AbortError')) lose('lost');
    throw error;
  }
  if ([502, 503, 504].includes(response.status)) lose('overloaded');
  else recover();
  return response;
}

/** Asks at once, without waiting for the next turn. */
export function retryNow(): void {
  if (timer) clearTimeout(timer);
  timer = null;
  void probe();
}

function lose(state: Connection): void {
  if (connectionStore.get() === 'up' && Date.now() - backAt > CALM_MS) wait = FIRST_WAIT_MS;
  connectionStore.set(state);
  if (!timer) {
    timer = setTimeout(() => {
      timer = null;
      void probe();
    }, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }
}

async function probe(): Promise<void> {
  try {
    const response = await fetch(PROBE, { cache: 'no-store' });
    if (response.ok) recover();
    else lose('overloaded');
  } catch {
    lose('lost');
  }
}

function recover(): void {
  if (['up', 'outdated'].includes(connectionStore.get())) return;
  if (timer) clearTimeout(timer);
  timer = null;
  backAt = Date.now();
  connectionStore.set('up');
  listeners.forEach(listener => listener());
}

window.addEventListener('online', () => connectionStore.get() === 'lost' && retryNow());
window.addEventListener('offline', () => lose('lost'));
