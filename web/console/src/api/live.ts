// Changes of orders as they happen: kept for a moment and handed on together.
//
// Each result that reaches the cache makes it read every list again. Sixty a second would keep a core
// busy; two a second, each with all that happened meanwhile, are not noticed.
import { graphql } from './graphql';
import type { LiveSubscription } from './graphql/graphql';

graphql(`
  fragment OrderRow on ServiceOrder {
    id number version status expectation appliedAt updatedAt escalatedAt autoApprovalBlocked
    application { id }
    customer { name }
    item { name quantity paidAmount category }
    reason { code name }
    clock { kind dueAt pausedSince consequence }
    target { at missed }
    assignee { id name }
    review { decision automatic at reviewer { kind name } }
    pictures { id }
  }
`);

export const LIVE = graphql(`
  subscription Live {
    serviceOrderChanged { cursor event { kind at fromStatus toStatus } serviceOrder { ...OrderRow } }
  }
`);

export const LIVE_NAME = 'Live';

export type Change = LiveSubscription['serviceOrderChanged'];

/** What a result holds besides what the operation selects: every change since the last one. */
export type Together = Change & { readonly together?: readonly Change[] };

const TURN_MS = 500;
const listeners = new Set<(changes: readonly Change[]) => void>();

export function onChanges(listener: (changes: readonly Change[]) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Returns what takes single results and hands them on together. */
export function gathered(next: (data: { serviceOrderChanged: Together }) => void) {
  // By order: of an order only the last state counts.
  let waiting = new Map<string, Change>();
  let timer: ReturnType<typeof setTimeout> | null = null;
  const flush = () => {
    timer = null;
    const together = [...waiting.values()];
    waiting = new Map();
    const last = together.at(-1);
    if (!last) return;
    next({ serviceOrderChanged: { ...last, together } });
    listeners.forEach(listener => listener(together));
  };
  return {
    take(change: Change) {
      waiting.delete(change.serviceOrder.id);
      waiting.set(change.serviceOrder.id, change);
      timer ??= setTimeout(flush, TURN_MS);
    },
    stop() {
      if (timer) clearTimeout(timer);
    },
  };
}
