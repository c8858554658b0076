import type { PlatformEvent } from '@latchkey/contracts/events'
import { createDatabase, startNats, type TestScope } from '@latchkey/testing/stores'
import { CamelCasePlugin, Kysely, PostgresDialect, sql } from 'kysely'
import { Pool } from 'pg'
import { test } from 'tap'
import { appendEvent, createOutboxTable, createPostgresOutboxRelay, type OutboxTable } from '../src/postgres-outbox.ts'
import { collectStoredIds, createEvents, createMemoryLog, openTransport, readStream, until } from './scenario.ts'

interface Database {
  outbox: OutboxTable
}

const ids = (events: readonly PlatformEvent[]) => events.map(({ id }) => id)

function openDatabase(t: TestScope, connectionString: string): Kysely<Database> {
  const pool = new Pool({ connectionString, max: 5 })
  pool.on('error', () => {})
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }), plugins: [new CamelCasePlugin()] })
  t.teardown(() => db.destroy())
  return db
}

async function openScenario(t: TestScope) {
  const [nats, { url }] = await Promise.all([startNats(t), createDatabase(t)])
  const db = openDatabase(t, url)
  await createOutboxTable(db)
  const transport = openTransport(t, nats)
  const log = createMemoryLog()
  await until(() => transport.state === 'connected')

  const append = (events: readonly PlatformEvent[]) =>
    db.transaction().execute(async (trx) => {
      for (const event of events) await appendEvent(trx, event)
    })
  const countRows = async () => (await db.selectFrom('outbox').select('id').execute()).length
  const startRelay = () => {
    const relay = createPostgresOutboxRelay({ db, transport, log })
    t.teardown(() => relay.stop())
    return relay
  }
  return { nats, db, transport, log, append, countRows, startRelay, stored: collectStoredIds(t, transport) }
}

test('committed events leave in order and their rows go', async (t) => {
  const { append, startRelay, stored, countRows } = await openScenario(t)
  const events = createEvents(250)
  const relay = startRelay()
  for (let start = 0; start < events.length; start += 10) {
    await append(events.slice(start, start + 10))
    relay.nudge()
  }
  await until(async () => stored.length >= events.length && (await countRows()) === 0)
  t.same(stored, ids(events))
})

test('an event of a transaction that was rolled back is never seen', async (t) => {
  const { db, append, startRelay, stored } = await openScenario(t)
  const [lost, kept] = createEvents(2)
  if (lost === undefined || kept === undefined) throw new Error('two events')
  const refused = db.transaction().execute(async (trx) => {
    await appendEvent(trx, lost)
    throw new Error('rolled back')
  })
  await t.rejects(refused)
  await append([kept])
  startRelay().nudge()
  await until(() => stored.includes(kept.id))
  t.same(stored, [kept.id])
})

test('events wait while NATS is down and leave in order when it is back', async (t) => {
  const { append, startRelay, stored, nats, transport, log, countRows } = await openScenario(t)
  const events = createEvents(60)
  const relay = startRelay()
  await append(events.slice(0, 20))
  relay.nudge()
  await until(() => stored.length > 0)
  await nats.kill()
  await append(events.slice(20))
  relay.nudge()
  await until(() => log.lines.some(({ level }) => level === 'warn'))
  t.not(await countRows(), 0)
  await until(() => relay.backlog.events >= 40 && relay.backlog.oldestAgeMs > 0)

  await nats.restart()
  await until(async () => (await countRows()) === 0)
  t.same(await readStream(t, transport, events.length), ids(events))
  t.equal(log.lines.filter(({ level }) => level === 'warn').length, 1)
})

test('two relays over one table keep the order and lose nothing', async (t) => {
  const { append, startRelay, stored, countRows } = await openScenario(t)
  const events = createEvents(300)
  const relays = [startRelay(), startRelay()]
  for (let start = 0; start < events.length; start += 10) {
    await append(events.slice(start, start + 10))
    for (const relay of relays) relay.nudge()
  }
  await until(async () => stored.length >= events.length && (await countRows()) === 0)
  t.same(stored, ids(events))
})

test('a relay goes on after its connections were cut', async (t) => {
  const { db, append, startRelay, stored } = await openScenario(t)
  const events = createEvents(20)
  const relay = startRelay()
  await append(events.slice(0, 10))
  relay.nudge()
  await until(() => stored.length >= 10)
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`.execute(db)
  await until(() =>
    append(events.slice(10)).then(
      () => true,
      () => false
    )
  )
  relay.nudge()
  await until(() => new Set(stored).size === events.length)
  t.same([...new Set(stored)], ids(events))
})

test('a row that is not readable is set aside and the ones behind it go on', async (t) => {
  const { db, append, startRelay, stored, log } = await openScenario(t)
  const events = createEvents(2)
  await append(events.slice(0, 1))
  await sql`insert into outbox (event) values ('{"name":"somethingElse"}')`.execute(db)
  await append(events.slice(1))
  startRelay()
  await until(() => stored.length >= 2)
  t.same(stored, ids(events))
  const left = await db.selectFrom('outbox').selectAll().execute()
  t.match(left, [{ event: { name: 'somethingElse' }, setAsideAt: Date }])
  t.equal(log.lines.filter(({ level }) => level === 'error').length, 1)
})
