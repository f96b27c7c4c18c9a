// The tabs of the desk, and what each of them asks for.
import type { CountersFragment, ServiceOrderFilter, ServiceOrderOrdering, ServiceOrderStatus } from '../../api/graphql/graphql';

export type TabKey = 'review' | 'receipt' | 'processing' | 'all';
export type Quick = 'everything' | 'overdue' | 'dueSoon' | 'pastTarget' | 'unassigned' | 'toMe' | 'escalated' | 'blocked';
export type Sorting = 'byDue' | 'byNewest' | 'byOldest' | 'byUpdated';

export interface Tab {
  readonly key: TabKey;
  readonly statuses: readonly ServiceOrderStatus[];
  readonly quick: readonly Quick[];
  readonly sorting: Sorting;
}

const COUNTED: readonly Quick[] = ['everything', 'overdue', 'dueSoon', 'pastTarget', 'unassigned', 'toMe'];

export const tabs: readonly Tab[] = [
  { key: 'review', statuses: ['PENDING_REVIEW'], quick: [...COUNTED, 'blocked'], sorting: 'byDue' },
  { key: 'receipt', statuses: ['AWAITING_RECEIPT'], quick: COUNTED, sorting: 'byDue' },
  { key: 'processing', statuses: ['AWAITING_PROCESSING'], quick: COUNTED, sorting: 'byDue' },
  { key: 'all', statuses: [], quick: ['everything', 'toMe', 'escalated'], sorting: 'byUpdated' },
];

export const ORDERINGS: Readonly<Record<Sorting, ServiceOrderOrdering>> = {
  byDue: 'DUE_AT_ASC',
  byNewest: 'APPLIED_AT_DESC',
  byOldest: 'APPLIED_AT_ASC',
  byUpdated: 'UPDATED_AT_DESC',
};

const SOON_S = 4 * 3600;

export function quickFilter(quick: Quick, viewerId: string): ServiceOrderFilter {
  switch (quick) {
    case 'everything':
      return {};
    case 'overdue':
      return { overdue: true };
    case 'dueSoon':
      return { dueWithin: SOON_S };
    case 'pastTarget':
      return { pastTarget: true };
    case 'unassigned':
      return { unassigned: true };
    case 'toMe':
      return { assigneeId: viewerId };
    case 'escalated':
      return { escalated: true };
    case 'blocked':
      return { autoApprovalBlocked: true };
  }
}

/** What the counters say about a tab and a quick filter; undefined where they say nothing. */
export function counted(summary: CountersFragment | null | undefined, tab: TabKey, quick: Quick): number | undefined {
  if (!summary || tab === 'all') return undefined;
  const { waiting, overdue, dueSoon, pastTarget } = summary[tab];
  const counts: Partial<Record<Quick, number>> = { everything: waiting, overdue, dueSoon, pastTarget };
  if (tab === 'review') counts.blocked = summary.autoApprovalBlocked;
  return counts[quick];
}
