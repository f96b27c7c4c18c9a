// The rows that are chosen for a batch: one by one, or with Shift from the last one on.
import { useCallback, useRef, useState } from 'react';

export interface Selection {
  readonly ids: ReadonlySet<string>;
  toggle(id: string, extend: boolean): void;
  all(isAll: boolean): void;
  clear(): void;
}

/** @param list what the rows are; with another list nothing is chosen */
export function useSelection(rows: readonly { id: string }[], list: string): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const [of, setOf] = useState(list);
  const last = useRef<string | null>(null);
  const known = useRef(rows);
  known.current = rows;
  if (of !== list) {
    setOf(list);
    setIds(new Set());
  }
  const toggle = useCallback((id: string, extend: boolean) => {
    setIds(before => {
      const next = new Set(before);
      const order = known.current.map(row => row.id);
      const from = last.current === null ? -1 : order.indexOf(last.current);
      const to = order.indexOf(id);
      if (extend && from >= 0) {
        order.slice(Math.min(from, to), Math.max(from, to) + 1).forEach(each => next.add(each));
      } else if (!next.delete(id)) {
        next.add(id);
      }
      return next;
    });
    last.current = id;
  }, []);
  const all = useCallback((isAll: boolean) => setIds(new Set(isAll ? known.current.map(({ id }) => id) : [])), []);
  const clear = useCallback(() => setIds(new Set()), []);
  return { ids, toggle, all, clear };
}
