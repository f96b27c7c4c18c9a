// The urql client of one session: its cache, its token, its documents by hash, its subscriptions.
import { Client, fetchExchange, subscriptionExchange, type Exchange } from '@urql/core';
import { authExchange } from '@urql/exchange-auth';

import { cache } from './cache';
import { watchedFetch } from './connection';
import { baseHeaders, ENDPOINT } from './post';
import { currentTokens, renew } from './session';
import { forward } from './subscriptions';
import { trusted } from './trusted';

export function createClient(): Client {
  return new Client({
    url: ENDPOINT,
    fetch: watchedFetch,
    fetchOptions: () => ({ headers: baseHeaders() }),
    // Variables hold phone numbers and names, which must not stand in addresses.
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    exchanges: [cache(), authenticated(), trusted, fetchExchange, subscriptionExchange({ forwardSubscription: forward })],
  });
}

function authenticated(): Exchange {
  return authExchange(async utils => ({
    addAuthToOperation(operation) {
      const tokens = currentTokens();
      return tokens ? utils.appendHeaders(operation, { authorization: `Bearer ${tokens.accessToken}` }) : operation;
    },
    willAuthError: () => Date.now() > (currentTokens()?.renewAt ?? Infinity),
    didAuthError: error => error.graphQLErrors.some(({ extensions }) => extensions?.code === 'UNAUTHENTICATED'),
    async refreshAuth() {
      await renew();
    },
  }));
}
