// What the desk shows: the tab, its filters and the order beside it stand in the address, so that a page
// that is opened again, or sent to a colleague, is the same. What is searched for does not: it may be a
// phone number, and addresses are logged.
import { useCallback, useMemo, useState } from 'react';

import { useSearchParams } from 'react-router';

import { useViewer } from '../../api/viewer';
import type { Expectation, ServiceOrderFilter } from '../../api/graphql/graphql';
import type { View } from './saved';
import { meaningsOf, type Candidate, type Meaning } from './search';
import { ORDERINGS, quickFilter, tabs, type Quick, type Sorting, type Tab } from './tabs';

const EXPECTATIONS: readonly string[] = ['RETURN', 'EXCHANGE', 'REPAIR'];

export interface Desk {
  readonly tab: Tab;
  readonly view: View;
  readonly opened: string | null;
  readonly typed: string;
  readonly candidates: readonly Candidate[];
  readonly meaning: Meaning | null;
  readonly filter: ServiceOrderFilter;
  readonly orderBy: (typeof ORDERINGS)[Sorting];
  show(view: Partial<View>): void;
  open(id: string | null): void;
  search(text: string): void;
  mean(meaning: Meaning): void;
}

export function useDesk(): Desk {
  const [params, setParams] = useSearchParams();
  const viewer = useViewer();
  const [typed, setTyped] = useState('');
  const [meant, setMeant] = useState<Meaning | null>(null);

  const tab = tabs.find(({ key }) => key === params.get('tab')) ?? firstTab(viewer.may('REVIEW'), viewer.may('RECEIVE'), viewer.may('PROCESS', 'REFUND'));
  const quick = tab.quick.find(key => key === params.get('f')) ?? 'everything';
  const expectation = EXPECTATIONS.includes(params.get('e') ?? '') ? (params.get('e') as Expectation) : null;
  const reason = params.get('reason');
  const sorting = (Object.keys(ORDERINGS) as Sorting[]).find(key => key === params.get('s')) ?? tab.sorting;
  const view: View = { tab: tab.key, quick, expectation, reason, sorting };

  const candidates = useMemo(() => meaningsOf(typed), [typed]);
  const candidate = candidates.find(({ meaning }) => meaning === meant) ?? candidates[0];

  const show = useCallback(
    (change: Partial<View>) => {
      setParams(known => {
        const next = new URLSearchParams(known);
        const put = (key: string, value: string | null | undefined) => {
          if (value === undefined) return;
          if (value === null || value === 'everything') next.delete(key);
          else next.set(key, value);
        };
        if (change.tab && change.tab !== known.get('tab')) ['f', 's', 'o'].forEach(key => next.delete(key));
        put('tab', change.tab);
        put('f', change.quick);
        put('e', change.expectation);
        put('reason', change.reason);
        put('s', change.sorting);
        return next;
      });
    },
    [setParams],
  );
  const open = useCallback(
    (id: string | null) => {
      setParams(
        known => {
          const next = new URLSearchParams(known);
          if (id) next.set('o', id);
          else next.delete('o');
          return next;
        },
        { replace: true },
      );
    },
    [setParams],
  );
  const search = useCallback((text: string) => {
    setTyped(text);
    setMeant(null);
  }, []);

  const filter = candidate
    ? candidate.filter
    : {
        ...(tab.statuses.length && { status: [...tab.statuses] }),
        ...quickFilter(quick as Quick, viewer.id),
        ...(expectation && { expectation: [expectation] }),
        ...(reason && { reason: [reason] }),
      };
  return {
    tab,
    view,
    opened: params.get('o'),
    typed,
    candidates,
    meaning: candidate?.meaning ?? null,
    filter,
    orderBy: candidate ? 'UPDATED_AT_DESC' : ORDERINGS[sorting],
    show,
    open,
    search,
    mean: setMeant,
  };
}

function firstTab(reviews: boolean, receives: boolean, processes: boolean): Tab {
  const key = reviews ? 'review' : receives ? 'receipt' : processes ? 'processing' : 'review';
  return tabs.find(tab => tab.key === key) as Tab;
}
