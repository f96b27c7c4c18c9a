// A reviewer's desk with urql 6: node index.mjs, with the demo of `make demo` running.
import { setTimeout } from 'node:timers/promises'

import { Client, fetchExchange, gql, subscriptionExchange } from '@urql/core'
import { cacheExchange } from '@urql/exchange-graphcache'
import { retryExchange } from '@urql/exchange-retry'
import { createClient } from 'graphql-sse'
import { pipe, subscribe } from 'wonka'

const url = process.env.AFTERSALES_URL ?? 'http://127.0.0.1:8000/graphql'
const login = process.env.AFTERSALES_LOGIN ?? 'digital-reviewer'
const password = process.env.AFTERSALES_PASSWORD ?? 'aftersales-demo'
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg=='

let token = null // signIn answers with it; a browser also keeps the refresh token
let losesAnswer = false // to show what happens when an answer is lost on its way
const headers = () => (token ? { authorization: `Bearer ${token}` } : {})

async function lossyFetch(...request) {
  const answer = await fetch(...request)
  if (!losesAnswer) return answer
  losesAnswer = false
  throw new TypeError('the answer was lost')
}

const sse = createClient({ url, headers, retryAttempts: Infinity })
const client = new Client({
  url,
  fetch: lossyFetch,
  fetchOptions: () => ({ headers: headers() }),
  preferGetMethod: false,
  exchanges: [
    cacheExchange({
      optimistic: {
        reviewServiceOrder: ({ input }, cache) => ({
          __typename: 'ReviewServiceOrderPayload',
          serviceOrder: {
            __typename: 'ServiceOrder',
            id: input.id,
            status: 'AWAITING_SHIPMENT',
            version: cache.resolve({ __typename: 'ServiceOrder', id: input.id }, 'version') + 1,
          },
          refusals: [],
        }),
      },
    }),
    // Only what has an idempotency key can be sent again without doing it twice.
    retryExchange({
      retryIf: (error, operation) =>
        Boolean(error.networkError && operation.variables.input?.idempotencyKey),
    }),
    fetchExchange, // sends files as multipart requests
    subscriptionExchange({
      forwardSubscription: request => ({
        subscribe: sink => ({ unsubscribe: sse.subscribe(request, sink) }),
      }),
    }),
  ],
})
const step = (name, facts) => console.log(JSON.stringify({ step: name, ...facts }))
const mutate = async (document, input) => {
  const { data, error } = await client.mutation(document, { input }).toPromise()
  if (error) throw error
  return Object.values(data)[0]
}

const SIGN_IN = gql`
  mutation SignIn($input: SignInInput!) {
    signIn(input: $input) { accessToken viewer { name } refusals { code message } }
  }`
const QUEUE = gql`
  query Queue {
    serviceOrders(filter: { status: [PENDING_REVIEW] }, orderBy: DUE_AT_DESC, first: 1) {
      nodes { id number status version }
    }
  }`
const ORDER = gql`query Order($id: ID!) { serviceOrder(id: $id) { id number status version } }`
const LIVE = gql`subscription Live { queueChanged { review { waiting } } }`
const UPLOAD = gql`
  mutation Upload($input: UploadEvidenceInput!) {
    uploadEvidence(input: $input) { evidence { id url } refusals { code } }
  }`
const REVIEW = gql`
  mutation Review($input: ReviewServiceOrderInput!) {
    reviewServiceOrder(input: $input) {
      serviceOrder { id status version }
      refusals { code message ... on AlreadyDecided { by { name } at } }
    }
  }`
const NOTE = gql`
  mutation Note($input: AddNoteInput!) {
    addNote(input: $input) { replayed serviceOrder { id version } refusals { code } }
  }`

// 1 Sign in
const signedIn = await mutate(SIGN_IN, { login, password })
token = signedIn.accessToken
step('signIn', { viewer: signedIn.viewer.name })

// 2 The live queue
const { data: queue } = await client.query(QUEUE, {}).toPromise()
const [order] = queue.serviceOrders.nodes
const counts = []
const live = pipe(
  client.subscription(LIVE, {}),
  subscribe(({ data }) => counts.push(data.queueChanged.review.waiting)),
)
await until(() => counts.length > 0) // the counters as they are, then each change
step('queue', { number: order.number, waiting: counts[0] })

// 3 Upload a picture
const file = new File([Buffer.from(PIXEL, 'base64')], 'pixel.png')
const { evidence } = await mutate(UPLOAD, { file })
step('upload', { id: evidence.id })

// 4 Review, shown before the server answers
const shown = []
const view = pipe(
  client.query(ORDER, { id: order.id }),
  subscribe(({ data }) => shown.push(data.serviceOrder.status)),
)
await until(() => shown.length > 0)
const input = { id: order.id, evidenceIds: [evidence.id], decision: { approve: {} } }
const answer = mutate(REVIEW, input)
await setTimeout(0) // the cache has it at once
const optimistic = shown.at(-1)
const { refusals } = await answer
if (refusals.length) throw new Error('refused')
step('review', { optimistic, confirmed: shown.at(-1) })

// A second review is refused: the payload has the reason, and the order as it is now.
const again = await mutate(REVIEW, input)
step('refused', { code: again.refusals[0].code, status: again.serviceOrder.status })
await until(() => counts.at(-1) < counts[0])
step('live', { waiting: counts.at(-1) })

// 5 An answer is lost: the exchange sends the same key again, and the note is added once.
losesAnswer = true
const note = { id: order.id, text: '已电话联系', idempotencyKey: crypto.randomUUID() }
const noted = await mutate(NOTE, note)
step('retry', { replayed: noted.replayed, version: noted.serviceOrder.version })

view.unsubscribe()
live.unsubscribe()
sse.dispose()

async function until(holds) {
  while (!holds()) await setTimeout(50)
}
