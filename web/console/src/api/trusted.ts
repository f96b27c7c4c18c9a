// Sends operations by the hash of their documents, and as text where the server does not know the hash.
//
// urql's own exchange would send both then, and the server checks that they fit: the cache has printed
// the text in another form.
import { makeOperation, stringifyDocument, type Exchange, type Operation, type OperationResult } from '@urql/core';
import { filter, makeSubject, map, merge, pipe, share } from 'wonka';

import { connectionStore, forbiddenStore } from './connection';
import { hashOf } from './document';

const NOT_KNOWN = ['PERSISTED_QUERY_NOT_FOUND', 'PERSISTED_QUERY_NOT_SUPPORTED'];

export const trusted: Exchange =
  ({ forward }) =>
  operations$ => {
    const again = makeSubject<Operation>();
    const asText = new Set<string>();
    const hashed = (operation: Operation): Operation => {
      if (operation.kind === 'teardown' || operation.kind === 'subscription') return operation;
      const sha256Hash = hashOf(stringifyDocument(operation.query));
      if (!sha256Hash || asText.has(sha256Hash)) return operation;
      const extensions = { ...operation.extensions, persistedQuery: { version: 1 as const, sha256Hash } };
      return { ...makeOperation(operation.kind, operation), extensions };
    };
    const isKnown = (result: OperationResult): boolean => {
      const codes = result.error?.graphQLErrors.map(({ extensions }) => extensions['code']) ?? [];
      // A server of another release: this page is not the one that it serves now.
      if (codes.includes('DOCUMENT_NOT_TRUSTED')) connectionStore.set('outdated');
      if (codes.includes('FORBIDDEN')) forbiddenStore.set(forbiddenStore.get() + 1);
      const sent = result.operation.extensions?.persistedQuery;
      if (!sent || !codes.some(code => NOT_KNOWN.includes(code as string))) return true;
      asText.add((sent as { sha256Hash: string }).sha256Hash);
      const { extensions: _hash, ...plain } = makeOperation(result.operation.kind, result.operation);
      again.next(plain as Operation);
      return false;
    };
    return pipe(
      forward(merge([pipe(operations$, map(hashed)), again.source])),
      share,
      filter(isKnown),
    );
  };
