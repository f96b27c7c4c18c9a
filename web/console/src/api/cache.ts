// The normalised cache: an order that changed is shown everywhere as it is now.
//
// A mutation's payload brings the objects that it changed. What it adds to or takes from lists is asked
// for again, except the lists of the desk: their rows stay where they are until a person moves on.
import type { TypedDocumentNode } from '@urql/core';
import { cacheExchange, type Cache, type Data, type UpdateResolver } from '@urql/exchange-graphcache';

import { QUEUE_SUMMARY } from './counters';
import type { CountersFragment } from './graphql/graphql';
import { possibleTypes } from './graphql/possible-types';
import { LIVE, type Together } from './live';

const DESK = new Set(['serviceOrders', 'serviceOrder', 'node', 'queueSummary', 'viewer', 'serverTime']);
const STEP = new Set(['serviceOrder', 'results']);

// The fragment as the build put it into the subscription: `graphql()` of a fragment alone has no value.
const ROW = { ...LIVE, definitions: LIVE.definitions.filter(({ kind }) => kind === 'FragmentDefinition') };

export function cache() {
  return cacheExchange({
    possibleTypes,
    updates: {
      // Any mutation: a table with a line for each would say the same in all of them.
      Mutation: new Proxy<Record<string, UpdateResolver>>({}, { get: () => mutated }),
      Subscription: {
        queueChanged: ({ queueChanged }, _args, store) => count(store, queueChanged),
        serviceOrderChanged({ serviceOrderChanged }, _args, store) {
          for (const { serviceOrder } of (serviceOrderChanged as unknown as Together).together ?? []) {
            store.writeFragment(ROW as unknown as TypedDocumentNode, serviceOrder as unknown as Data);
          }
        },
      },
    },
  });
}

const mutated: UpdateResolver = (result, _args, store, info) => {
  const payload = result[info.fieldName];
  if (!isObject(payload)) return;
  count(store, payload['queueSummary']);
  if (Object.keys(payload).some(key => STEP.has(key))) return;
  for (const { fieldKey, fieldName } of store.inspectFields('Query')) {
    if (!DESK.has(fieldName)) store.invalidate('Query', fieldKey as never);
  }
};

/** Shows counters that came with something else. They must have been selected by `...Counters`. */
function count(store: Cache, summary: unknown): void {
  if (isObject(summary)) {
    store.updateQuery({ query: QUEUE_SUMMARY }, () => ({
      __typename: 'Query' as const,
      queueSummary: summary as unknown as CountersFragment,
    }));
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
