// Mercurius on Fastify, with its jit and its own loaders.
import fastify from 'fastify'
import mercurius from 'mercurius'
import { batches, contextOf, picturesOf, port, roots, typeDefs } from './desk.mjs'

// Its loaders' cache would write each parent row out as a key, which costs more than it saves.
const uncached = (loader) => ({ loader, opts: { cache: false } })
const load = (batch, key) =>
  uncached(async (queries, context) => {
    const keys = queries.map(({ obj }) => obj[key])
    const asked = keys.filter((one) => one !== null)
    const found = await batch(context.merchant, asked)
    const byKey = new Map(asked.map((one, at) => [one, found[at]]))
    return keys.map((one) => byKey.get(one) ?? null)
  })

const app = fastify()
app.register(mercurius, {
  schema: typeDefs,
  resolvers: { ...roots, ServiceOrder: { pictures: picturesOf } },
  loaders: {
    ServiceOrder: {
      merchant: load((_, keys) => batches.merchants(keys), 'merchantId'),
      assignee: load(batches.assignees, 'assigneeId'),
      timeline: load(batches.timelines, 'number'),
    },
  },
  context: (request) => contextOf(request.headers),
  jit: 1,
  graphiql: false,
})
await app.listen({ port, host: '127.0.0.1' })
