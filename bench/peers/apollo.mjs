// Apollo Server, standalone, with data loaders.
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { contextOf, port, resolvers, typeDefs } from './desk.mjs'

await startStandaloneServer(new ApolloServer({ typeDefs, resolvers }), {
  listen: { port, host: '127.0.0.1' },
  context: async ({ req }) => contextOf(req.headers),
})
