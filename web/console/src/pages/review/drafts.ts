// What was entered for each order, so that going to another order and back loses nothing.
import { useCallback, useState } from 'react';

import type { Decision } from '../../api/decisions';

export interface Uploaded {
  /** Of this browser; the server's id comes with the upload. */
  readonly key: string;
  readonly file: File | null;
  readonly preview: string;
  readonly state: 'uploading' | 'done' | 'failed';
  readonly id: string | null;
  readonly problem: string | null;
}

export interface Draft {
  readonly decision: Decision;
  readonly reason: string | null;
  readonly note: string;
  readonly goods: string;
  readonly carrier: string;
  readonly waybill: string;
  readonly isLater: boolean;
  readonly returnAddressId: string | null;
  readonly evidence: readonly Uploaded[];
}

const EMPTY: Draft = {
  decision: 'APPROVE',
  reason: null,
  note: '',
  goods: '',
  carrier: '',
  waybill: '',
  isLater: false,
  returnAddressId: null,
  evidence: [],
};
const drafts = new Map<string, Draft>();

export type Change = Partial<Draft> | ((draft: Draft) => Partial<Draft>);

export function useDraft(orderId: string, goods: string): [Draft, (change: Change) => void, () => void] {
  const [draft, setDraft] = useState(() => drafts.get(orderId) ?? { ...EMPTY, goods });
  const change = useCallback(
    (part: Change) => {
      // From the map and not from the state: an upload may end after the panel has closed.
      const before = drafts.get(orderId) ?? { ...EMPTY, goods };
      const next = { ...before, ...(typeof part === 'function' ? part(before) : part) };
      drafts.set(orderId, next);
      setDraft(next);
    },
    [orderId, goods],
  );
  const drop = useCallback(() => drafts.delete(orderId), [orderId]);
  return [draft, change, drop];
}
