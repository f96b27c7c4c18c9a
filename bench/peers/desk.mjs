// Shared code of the peers on Node: the schema, the statements, the loaders, the resolvers.
import { readFileSync } from 'node:fs'
import DataLoader from 'dataloader'
import pg from 'pg'

const POOL = 10
const TIMESTAMPTZ = 1184
const JSON_TEXT = 114

// Instants stay text: a Date would lose the microseconds and have to be formatted again.
pg.types.setTypeParser(TIMESTAMPTZ, (text) => `${text.replace(' ', 'T')}:00`)
// Pictures are parsed by their resolver, only if they are selected.
pg.types.setTypeParser(JSON_TEXT, (text) => text)

export const port = Number(process.env.PORT)
export const typeDefs = readFileSync(new URL('schema.graphql', import.meta.url), 'utf8')

// Connects by PGHOST, PGPORT, PGUSER and PGDATABASE.
const pool = new pg.Pool({ max: POOL, options: '-c timezone=UTC' })
const ask = async (name, text, values) => (await pool.query({ name, text, values })).rows

const COLUMNS = `merchant_id as "merchantId", id::text as number, version, status,
  order_number as "orderNumber", expectation, logistics_in as "logisticsIn", description,
  auto_approval_blocked as "autoApprovalBlocked", applied_at as "appliedAt",
  updated_at as "updatedAt", finished_at as "finishedAt", assignee_id as "assigneeId"`
const WITH_PICTURES = `${COLUMNS}, pictures`
const QUEUE = 'from service_order where merchant_id = $1 and status = $2'
const LATEST = 'order by applied_at desc, id desc limit $3'

const globalId = (...parts) => Buffer.from(parts.join(':')).toString('base64url')
const numberOf = (id) => Buffer.from(id, 'base64url').toString().split(':')[2]

const named = (type) => (row) => ({ id: globalId(type, ...row.key), name: row.name })
const shown = (order) => {
  order.id = globalId('ServiceOrder', order.merchantId, order.number)
  return order
}

const cursorOf = (order) => Buffer.from(`${order.appliedAt}|${order.number}`).toString('base64url')

// Whether the query selects pictures: a page without them does not fetch them.
const seen = new WeakMap()
const asksForPictures = (info) => {
  const field = info.fieldNodes[0]
  if (!seen.has(field)) {
    const nodes = field.selectionSet.selections.find((one) => one.name?.value === 'nodes')
    const names = nodes?.selectionSet.selections.map((one) => one.name?.value) ?? []
    seen.set(field, names.includes('pictures'))
  }
  return seen.get(field)
}

const serviceOrder = async (_, { id }, { merchant }) => {
  const text = `select ${COLUMNS} from service_order where merchant_id = $1 and id = $2`
  const [order] = await ask('order', text, [merchant, numberOf(id)])
  return order ? shown(order) : null
}

const serviceOrders = async (_, { filter, first, after }, { merchant }, info) => {
  const pictures = asksForPictures(info)
  const columns = pictures ? WITH_PICTURES : COLUMNS
  const values = [merchant, filter.status[0], first + 1]
  let found
  if (after) {
    const text = `select ${columns} ${QUEUE} and (applied_at, id) < ($4, $5) ${LATEST}`
    const place = Buffer.from(after, 'base64url').toString().split('|')
    found = await ask(`next-${pictures}`, text, [...values, ...place])
  } else {
    found = await ask(`first-${pictures}`, `select ${columns} ${QUEUE} ${LATEST}`, values)
  }
  const nodes = found.slice(0, first).map(shown)
  const endCursor = nodes.length ? cursorOf(nodes[nodes.length - 1]) : null
  return { nodes, pageInfo: { hasNextPage: found.length > first, endCursor } }
}

const APPROVE = {
  name: 'approve',
  text: `update service_order set status = 'AWAITING_SHIPMENT', version = version + 1,
    last_action = 'APPROVE', decision = 'APPROVE', decided_by_kind = 'EMPLOYEE',
    decided_by_id = $3, decided_by = '客服', decided_at = now(), clock_started_at = now(),
    clock_due_at = now() + interval '7 days', updated_at = now()
    where merchant_id = $1 and id = $2 and status = 'PENDING_REVIEW' returning ${COLUMNS}`,
}
const APPROVED = {
  name: 'approved',
  text: `insert into service_order_event (merchant_id, service_order_id, sequence, kind, at,
    actor_kind, actor_id, actor_name, from_status, to_status) values ($1, $2, $3, 'APPROVED',
    now(), 'EMPLOYEE', $4, '客服', 'PENDING_REVIEW', 'AWAITING_SHIPMENT')`,
}

const reviewServiceOrder = async (_, { input }, { merchant, employee }) => {
  const number = numberOf(input.id)
  const client = await pool.connect()
  try {
    await client.query('begin')
    const { rows } = await client.query({ ...APPROVE, values: [merchant, number, employee] })
    if (!rows.length) {
      await client.query('rollback')
      return { serviceOrder: null, refusals: [{ code: 'ALREADY_DECIDED' }] }
    }
    const values = [merchant, number, rows[0].version, employee]
    await client.query({ ...APPROVED, values })
    await client.query('commit')
    return { serviceOrder: shown(rows[0]), refusals: [] }
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

const unique = (keys) => [...new Set(keys)]
const inOrder = (keys, rows, type) => {
  const found = new Map(rows.map((row) => [row.key.at(-1), named(type)(row)]))
  return keys.map((key) => found.get(key) ?? null)
}

export const batches = {
  merchants: async (keys) => {
    const text = 'select array[id::text] as key, name from merchant where id = any($1::bigint[])'
    return inOrder(keys, await ask('merchants', text, [unique(keys)]), 'Merchant')
  },
  assignees: async (merchant, keys) => {
    const text = `select array[merchant_id::text, id::text] as key, name from employee
      where merchant_id = $1 and id = any($2::bigint[])`
    return inOrder(keys, await ask('assignees', text, [merchant, unique(keys)]), 'Employee')
  },
  timelines: async (merchant, keys) => {
    const text = `select service_order_id::text as number, sequence, kind, at,
      from_status as "fromStatus", to_status as "toStatus", actor_kind, actor_name
      from service_order_event where merchant_id = $1 and service_order_id = any($2::bigint[])
      order by service_order_id, sequence`
    const timelines = new Map(keys.map((key) => [key, []]))
    for (const event of await ask('timelines', text, [merchant, unique(keys)])) {
      event.actor = { kind: event.actor_kind, name: event.actor_name }
      timelines.get(event.number).push(event)
    }
    return keys.map((key) => timelines.get(key))
  },
}

// The merchant and the employee come in headers, unchecked; this server takes them from its token.
export const contextOf = (headers) => {
  const merchant = headers['x-merchant']
  return {
    merchant,
    employee: headers['x-employee'],
    merchants: new DataLoader(batches.merchants),
    assignees: new DataLoader((keys) => batches.assignees(merchant, keys)),
    timelines: new DataLoader((keys) => batches.timelines(merchant, keys)),
  }
}

export const roots = { Query: { serviceOrder, serviceOrders }, Mutation: { reviewServiceOrder } }

export const picturesOf = (order) =>
  JSON.parse(order.pictures).map((picture) => ({
    id: globalId('Evidence', order.merchantId, picture.sha256),
    mediaType: picture.media_type,
    bytes: picture.bytes,
    width: picture.width,
    height: picture.height,
  }))

export const resolvers = {
  ...roots,
  ServiceOrder: {
    merchant: (order, _, { merchants }) => merchants.load(order.merchantId),
    assignee: (order, _, { assignees }) =>
      order.assigneeId ? assignees.load(order.assigneeId) : null,
    pictures: picturesOf,
    timeline: (order, _, { timelines }) => timelines.load(order.number),
  },
}
