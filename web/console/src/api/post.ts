// One GraphQL request past the cache, for what concerns the session itself.
import { stringifyDocument, type TypedDocumentNode } from '@urql/core';

import { languageStore, localeOf } from '../i18n/language';
import { hashOf } from './document';
import { watchedFetch } from './connection';

export const ENDPOINT = '/graphql';
const NOT_KNOWN = /^PERSISTED_QUERY_NOT/;

interface Answer<T> {
  data?: T | null;
  errors?: { message: string; extensions?: { code?: string } }[];
}

export function baseHeaders(): Record<string, string> {
  return {
    accept: 'application/graphql-response+json, application/json',
    'accept-language': localeOf(languageStore.get()),
  };
}

export async function post<T, V>(
  document: TypedDocumentNode<T, V>,
  variables: V,
  accessToken: string | null = null,
): Promise<Answer<T>> {
  const text = stringifyDocument(document);
  const send = async (operation: object): Promise<Answer<T>> => {
    const response = await watchedFetch(ENDPOINT, {
      method: 'POST',
      headers: {
        ...baseHeaders(),
        'content-type': 'application/json',
        ...(accessToken && { authorization: `Bearer ${accessToken}` }),
      },
      body: JSON.stringify({ ...operation, variables }),
    });
    return (await response.json()) as Answer<T>;
  };
  const answer = await send({ documentId: `sha256:${hashOf(text)}` });
  const isUnknown = answer.errors?.some(error => NOT_KNOWN.test(error.extensions?.code ?? ''));
  return isUnknown ? send({ query: text }) : answer;
}
