// A reviewer's desk with Apollo Client 4: node index.mjs, with the demo of `make demo` running.
import { setTimeout } from 'node:timers/promises'

import { ApolloClient, ApolloLink, InMemoryCache, gql } from '@apollo/client'
import { SetContextLink } from '@apollo/client/link/context'
import { RetryLink } from '@apollo/client/link/retry'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import UploadHttpLink from 'apollo-upload-client/UploadHttpLink.mjs'
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'

const url = process.env.AFTERSALES_URL ?? 'http://127.0.0.1:8000/graphql'
const login = process.env.AFTERSALES_LOGIN ?? 'digital-reviewer'
const password = process.env.AFTERSALES_PASSWORD ?? 'aftersales-demo'
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg=='

let token = null // signIn answers with it; a browser also keeps the refresh token
let losesAnswer = false // to show what happens when an answer is lost on its way

async function lossyFetch(...request) {
  const answer = await fetch(...request)
  if (!losesAnswer) return answer
  losesAnswer = false
  throw new TypeError('the answer was lost')
}

const wsClient = createClient({
  url: url.replace(/^http/, 'ws'),
  webSocketImpl: WebSocket,
  connectionParams: () => ({ authorization: `Bearer ${token}` }),
  shouldRetry: () => true,
})
const http = ApolloLink.from([
  // Only what has an idempotency key can be sent again without doing it twice.
  new RetryLink({
    attempts: { max: 5, retryIf: (_error, operation) => Boolean(operation.variables.key) },
  }),
  new SetContextLink(({ headers }) => ({
    headers: token ? { ...headers, authorization: `Bearer ${token}` } : headers,
  })),
  new UploadHttpLink({ uri: url, fetch: lossyFetch }),
])
const client = new ApolloClient({
  link: ApolloLink.split(
    ({ operationType }) => operationType === 'subscription',
    new GraphQLWsLink(wsClient),
    http,
  ),
  cache: new InMemoryCache({ possibleTypes: { Node: ['ServiceOrder', 'Merchant'] } }),
})
const step = (name, facts) => console.log(JSON.stringify({ step: name, ...facts }))

const SIGN_IN = gql`
  mutation SignIn($input: SignInInput!) {
    signIn(input: $input) { accessToken viewer { name } refusals { code message } }
  }`
const QUEUE = gql`
  query Queue {
    serviceOrders(filter: { status: [PENDING_REVIEW] }, orderBy: DUE_AT_DESC, first: 1) {
      nodes { id number status version }
    }
    queueSummary { review { waiting } }
  }`
const LIVE = gql`subscription Live { queueChanged { review { waiting } } }`
const UPLOAD = gql`
  mutation Upload($file: Upload!) {
    uploadEvidence(input: { file: $file }) { evidence { id url } refusals { code } }
  }`
const STATUS = gql`fragment Status on ServiceOrder { id status version }`
const REVIEW = gql`
  mutation Review($id: ID!, $evidenceIds: [ID!]!) {
    reviewServiceOrder(input: { id: $id, evidenceIds: $evidenceIds, decision: { approve: {} } }) {
      serviceOrder { id status version }
      queueSummary { review { waiting } }
      refusals { code message ... on AlreadyDecided { by { name } at } }
    }
  }`
const NOTE = gql`
  mutation Note($id: ID!, $key: String!) {
    addNote(input: { id: $id, text: "已电话联系", idempotencyKey: $key }) {
      replayed
      serviceOrder { id status version }
      refusals { code }
    }
  }`

// 1 Sign in
const { data: signedIn } = await client.mutate({
  mutation: SIGN_IN,
  variables: { input: { login, password } },
})
token = signedIn.signIn.accessToken
step('signIn', { viewer: signedIn.signIn.viewer.name })

// 2 The live queue
const { data: queue } = await client.query({ query: QUEUE })
const [order] = queue.serviceOrders.nodes
const counts = []
const live = client.subscribe({ query: LIVE }).subscribe(({ data }) => {
  counts.push(data.queueChanged.review.waiting)
})
await until(() => counts.length > 0) // the counters as they are, then each change
step('queue', { number: order.number, waiting: counts[0] })

// 3 Upload a picture
const { data: uploaded } = await client.mutate({
  mutation: UPLOAD,
  variables: { file: new File([Buffer.from(PIXEL, 'base64')], 'pixel.png') },
})
const { evidence } = uploaded.uploadEvidence
step('upload', { id: evidence.id })

// 4 Review, shown before the server answers
const shown = () =>
  client.cache.readFragment({ id: client.cache.identify(order), fragment: STATUS, optimistic: true })
const review = { mutation: REVIEW, variables: { id: order.id, evidenceIds: [evidence.id] } }
const answer = client.mutate({
  ...review,
  optimisticResponse: {
    reviewServiceOrder: {
      __typename: 'ReviewServiceOrderPayload',
      serviceOrder: { ...order, status: 'AWAITING_SHIPMENT', version: order.version + 1 },
      queueSummary: null,
      refusals: [],
    },
  },
})
const optimistic = shown().status
const { data: reviewed } = await answer
if (reviewed.reviewServiceOrder.refusals.length) throw new Error('refused')
step('review', { optimistic, confirmed: shown().status })

// A second review is refused: the payload has the reason, and the order as it is now.
const { data: again } = await client.mutate(review)
const [refusal] = again.reviewServiceOrder.refusals
step('refused', { code: refusal.code, status: again.reviewServiceOrder.serviceOrder.status })
await until(() => counts.at(-1) < counts[0])
step('live', { waiting: counts.at(-1) })

// 5 An answer is lost: the link sends the same key again, and the note is added once.
losesAnswer = true
const { data: noted } = await client.mutate({
  mutation: NOTE,
  variables: { id: order.id, key: crypto.randomUUID() },
})
step('retry', { replayed: noted.addNote.replayed, version: noted.addNote.serviceOrder.version })

live.unsubscribe()
await wsClient.dispose()

async function until(holds) {
  while (!holds()) await setTimeout(50)
}
