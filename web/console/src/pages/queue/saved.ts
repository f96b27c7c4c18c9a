// How a person likes to see the desk: saved filters and hidden columns. Nothing of a customer.
import { createStore } from '../../api/store';
import type { Expectation } from '../../api/graphql/graphql';
import type { Quick, Sorting, TabKey } from './tabs';

export interface View {
  readonly tab: TabKey;
  readonly quick: Quick;
  readonly expectation: Expectation | null;
  readonly reason: string | null;
  readonly sorting: Sorting;
}

export interface SavedView extends View {
  readonly name: string;
}

const VIEWS = 'aftersales:console:views';
const HIDDEN = 'aftersales:console:hidden-columns';
const MOST = 12;

export const viewsStore = createStore<readonly SavedView[]>(read(VIEWS));
export const hiddenStore = createStore<readonly string[]>(read(HIDDEN));

export function saveView(view: SavedView): void {
  write(viewsStore, VIEWS, [...viewsStore.get().filter(({ name }) => name !== view.name), view].slice(-MOST));
}

export function forgetView(name: string): void {
  write(viewsStore, VIEWS, viewsStore.get().filter(view => view.name !== name));
}

export function toggleColumn(key: string): void {
  const hidden = hiddenStore.get();
  write(hiddenStore, HIDDEN, hidden.includes(key) ? hidden.filter(other => other !== key) : [...hidden, key]);
}

function read<T>(key: string): readonly T[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(value) ? (value as T[]) : [];
  } catch {
    return [];
  }
}

function write<T>(store: { set(value: readonly T[]): void }, key: string, value: readonly T[]): void {
  localStorage.setItem(key, JSON.stringify(value));
  store.set(value);
}
