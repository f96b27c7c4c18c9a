// A reviewer's desk with Relay 21, without React: npm start, with the demo of `make demo` running.
import { setTimeout } from 'node:timers/promises'

import { createClient } from 'graphql-sse'
import runtime from 'relay-runtime'

import Live from './__generated__/operationsLiveSubscription.graphql.js'
import Note from './__generated__/operationsNoteMutation.graphql.js'
import Order from './__generated__/operationsOrderQuery.graphql.js'
import Queue from './__generated__/operationsQueueQuery.graphql.js'
import Review from './__generated__/operationsReviewMutation.graphql.js'
import SignIn from './__generated__/operationsSignInMutation.graphql.js'
import Upload from './__generated__/operationsUploadMutation.graphql.js'

const { Environment, Network, Observable, RecordSource, Store } = runtime
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

// Relay hands files over beside the variables; the server takes the multipart request of GraphQL.
function requestOf(operation, variables, uploadables) {
  const body = JSON.stringify({ query: operation.text, variables })
  if (!uploadables) {
    return { method: 'POST', body, headers: { ...headers(), 'content-type': 'application/json' } }
  }
  const form = new FormData()
  form.append('operations', body)
  form.append('map', JSON.stringify({ 0: [Object.keys(uploadables)[0]] }))
  form.append('0', Object.values(uploadables)[0])
  return { method: 'POST', body: form, headers: headers() }
}

async function send(operation, variables, _cache, uploadables) {
  const request = requestOf(operation, variables, uploadables)
  for (let attempt = 1; ; attempt++) {
    try {
      return await (await lossyFetch(url, request)).json()
    } catch (error) {
      // Only what has an idempotency key can be sent again without doing it twice.
      if (!variables.input?.idempotencyKey || attempt === 5) throw error
      await setTimeout(200 * attempt)
    }
  }
}

const sse = createClient({ url, headers, retryAttempts: Infinity })
const follow = ({ text, name }, variables) =>
  Observable.create(sink => sse.subscribe({ query: text, operationName: name, variables }, sink))
const environment = new Environment({
  network: Network.create(send, follow),
  store: new Store(new RecordSource()),
})
const step = (name, facts) => console.log(JSON.stringify({ step: name, ...facts }))
const mutate = (mutation, input, more) =>
  new Promise((resolve, reject) =>
    runtime.commitMutation(environment, {
      mutation,
      variables: { input },
      onCompleted: (data, errors) =>
        errors ? reject(new Error(errors[0].message)) : resolve(Object.values(data)[0]),
      onError: reject,
      ...more,
    }),
  )

// 1 Sign in
const signedIn = await mutate(SignIn, { login, password })
token = signedIn.accessToken
step('signIn', { viewer: signedIn.viewer.name })

// 2 The live queue
const queue = await runtime.fetchQuery(environment, Queue, {}).toPromise()
const [order] = queue.serviceOrders.nodes
const counts = []
const live = runtime.requestSubscription(environment, {
  subscription: Live,
  variables: {},
  onNext: data => counts.push(data.queueChanged.review.waiting),
})
await until(() => counts.length > 0) // the counters as they are, then each change
step('queue', { number: order.number, waiting: counts[0] })

// 3 Upload a picture
const uploadables = { 'variables.input.file': new File([Buffer.from(PIXEL, 'base64')], 'pixel.png') }
const { evidence } = await mutate(Upload, { file: null }, { uploadables })
step('upload', { id: evidence.id })

// 4 Review, shown before the server answers
await runtime.fetchQuery(environment, Order, { id: order.id }).toPromise()
const { fragment } = runtime.createOperationDescriptor(Order, { id: order.id })
const shown = () => environment.lookup(fragment).data.node.status
const input = { id: order.id, evidenceIds: [evidence.id], decision: { approve: {} } }
const serviceOrder = { id: order.id, status: 'AWAITING_SHIPMENT', version: order.version + 1 }
const optimisticResponse = { reviewServiceOrder: { serviceOrder, refusals: [] } }
const answer = mutate(Review, input, { optimisticResponse })
const optimistic = shown()
const { refusals } = await answer
if (refusals.length) throw new Error('refused')
step('review', { optimistic, confirmed: shown() })

// A second review is refused: the payload has the reason, and the order as it is now.
const again = await mutate(Review, input)
step('refused', { code: again.refusals[0].code, status: again.serviceOrder.status })
await until(() => counts.at(-1) < counts[0])
step('live', { waiting: counts.at(-1) })

// 5 An answer is lost: `send` sends the same key again, and the note is added once.
losesAnswer = true
const note = { id: order.id, text: '已电话联系', idempotencyKey: crypto.randomUUID() }
const noted = await mutate(Note, note)
step('retry', { replayed: noted.replayed, version: noted.serviceOrder.version })

live.dispose()
sse.dispose()

async function until(holds) {
  while (!holds()) await setTimeout(50)
}
