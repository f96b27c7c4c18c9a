// What `graphql()` becomes in the build: see build/documents.ts.
import { gql, type DocumentInput } from '@urql/core';

import { operationName } from './operationName';

const hashes = new Map<string, string>();

export function document(hash: string, text: string): DocumentInput {
  const parsed = gql(text);
  hashes.set(operationName(text), hash);
  return parsed;
}

/** The hash under which the server trusts an operation; empty for one that it cannot know. */
export function hashOf(text: string): string {
  return hashes.get(operationName(text)) ?? '';
}
