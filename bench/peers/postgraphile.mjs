// PostGraphile 5 with the Amber preset on Node's own server; its schema is made from our tables.
import { createServer } from 'node:http'
import { postgraphile } from 'postgraphile'
import { makePgService } from 'postgraphile/adaptors/pg'
import { grafserv } from 'postgraphile/grafserv/node'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'
import pg from 'pg'

// Connects by PGHOST, PGPORT, PGUSER and PGDATABASE, like the others.
const pool = new pg.Pool({ max: 10, options: '-c timezone=UTC' })
const preset = {
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ pool, schemas: ['public', 'peers'] })],
  grafserv: { watch: false, graphiql: false },
  grafast: { explain: false },
}
const server = createServer()
await postgraphile(preset).createServ(grafserv).addTo(server)
server.listen(Number(process.env.PORT), '127.0.0.1')
