// Subscriptions over one WebSocket, opened with the first of them and loaded only then.
import type { ExecutionResult, subscriptionExchange } from '@urql/core';
import type { Client, SubscribePayload } from 'graphql-ws';

import { languageStore, localeOf } from '../i18n/language';
import { liveStore } from './connection';
import { hashOf } from './document';
import { gathered, LIVE_NAME, type Change } from './live';
import { ENDPOINT } from './post';
import { currentTokens, renew } from './session';

type Forward = Parameters<typeof subscriptionExchange>[0]['forwardSubscription'];
type FetchBody = Parameters<Forward>[0];

let socket: Promise<Client> | null = null;
let sendsText = false; // a server that takes no hashes says so once

async function open(): Promise<Client> {
  const { createClient } = await import('graphql-ws');
  return createClient({
    url: new URL(ENDPOINT, location.href.replace(/^http/, 'ws')).href,
    // Whatever ends a connection: without this, the client gives up while the server restarts.
    shouldRetry: reason => !(reason instanceof Error),
    retryAttempts: Infinity,
    on: { connected: () => liveStore.set(true), closed: () => liveStore.set(false) },
    async connectionParams() {
      const tokens = currentTokens();
      if (tokens && Date.now() > tokens.renewAt) await renew();
      return {
        authorization: `Bearer ${currentTokens()?.accessToken ?? ''}`,
        acceptLanguage: localeOf(languageStore.get()),
      };
    },
  });
}

export const forward: Forward = request => ({
    subscribe(sink) {
      let stop = () => {};
      let isStopped = false;
      const isLive = request.operationName === LIVE_NAME;
      const live = gathered(data => sink.next({ data }));
      const start = (client: Client) => {
        if (isStopped) return;
        stop = client.subscribe(payloadOf(request), {
          next(value) {
            const change = isLive && (value.data?.['serviceOrderChanged'] as Change | undefined);
            if (change) live.take(change);
            else sink.next(value as ExecutionResult);
          },
          complete: () => sink.complete(),
          error(reason) {
            if (sendsText || !isUnknown(reason)) {
              sink.error(reason);
            } else {
              sendsText = true;
              start(client);
            }
          },
        });
      };
      socket ??= open();
      void socket.then(start);
      return {
        unsubscribe() {
          isStopped = true;
          live.stop();
          stop();
        },
      };
    },
});

/** Ends the connection of a session that is over. */
export function disconnect(): void {
  void socket?.then(client => client.dispose());
  socket = null;
}

function payloadOf({ query = '', variables, operationName }: FetchBody): SubscribePayload {
  const rest = { variables: { ...variables }, ...(operationName && { operationName }) };
  const sha256Hash = hashOf(query);
  if (sendsText || !sha256Hash) return { ...rest, query };
  // The client demands a text; the server takes an empty one for none.
  return { ...rest, query: '', extensions: { persistedQuery: { version: 1, sha256Hash } } };
}

function isUnknown(reason: unknown): boolean {
  return JSON.stringify(reason)?.includes('PERSISTED_QUERY_NOT') ?? false;
}
