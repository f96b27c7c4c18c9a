// GraphQL Yoga on Node's own server, with graphql-jit and data loaders.
import { createServer } from 'node:http'
import { useGraphQlJit } from '@envelop/graphql-jit'
import { createSchema, createYoga } from 'graphql-yoga'
import { contextOf, port, resolvers, typeDefs } from './desk.mjs'

const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  plugins: [useGraphQlJit()],
  context: ({ req }) => contextOf(req.headers),
  logging: false,
  graphiql: false,
})
createServer(yoga).listen(port, '127.0.0.1')
