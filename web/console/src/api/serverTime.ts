// The server's time: clocks count down by it, not by the clock of this machine.
import { createStore, useStore } from './store';

/** The server's time minus this machine's, in milliseconds. */
const offsetStore = createStore(0);
const JITTER_MS = 1_500;

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;

/** Notes what the server said that its time is now. A difference within a request's time is none. */
export function noteServerTime(serverTime: string): void {
  const offset = Date.parse(serverTime) - Date.now();
  if (Math.abs(offset - offsetStore.get()) > JITTER_MS) {
    offsetStore.set(offset);
    listeners.forEach(listener => listener());
  }
}

/** In milliseconds. */
export function serverNow(): number {
  return Date.now() + offsetStore.get();
}

export function useOffset(): number {
  return useStore(offsetStore);
}

/** Calls the listener each second; one timer for all that count. */
export function onSecond(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => listeners.forEach(each => each()), 1000);
  return () => {
    listeners.delete(listener);
    if (!listeners.size && timer) {
      clearInterval(timer);
      timer = null;
    }
  };
}
