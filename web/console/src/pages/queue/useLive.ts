// What changes while a list is shown: rows change in place, and new ones are counted.
import { useEffect, useState } from 'react';

import { useSubscription } from 'urql';

import { QUEUE_CHANGED } from '../../api/counters';
import { LIVE, onChanges } from '../../api/live';
import type { ServiceOrderStatus } from '../../api/graphql/graphql';

interface News {
  readonly count: number;
  clear(): void;
}

/** How many orders came to these statuses that the list does not show. */
export function useLive(statuses: readonly ServiceOrderStatus[], shown: ReadonlySet<string>): News {
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  useSubscription({ query: QUEUE_CHANGED });
  useSubscription({ query: LIVE });
  useEffect(
    () =>
      onChanges(changes => {
        const came = changes.filter(({ event, serviceOrder }) =>
          statuses.length
            ? statuses.includes(serviceOrder.status) && event.fromStatus !== event.toStatus && !shown.has(serviceOrder.id)
            : !shown.has(serviceOrder.id),
        );
        const left = changes.filter(({ serviceOrder }) => statuses.length && !statuses.includes(serviceOrder.status));
        if (!came.length && !left.length) return;
        setFresh(known => {
          const next = new Set(known);
          came.forEach(({ serviceOrder }) => next.add(serviceOrder.id));
          left.forEach(({ serviceOrder }) => next.delete(serviceOrder.id));
          return next.size === known.size ? known : next;
        });
      }),
    [statuses, shown],
  );
  return { count: fresh.size, clear: () => setFresh(new Set()) };
}
