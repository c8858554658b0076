import { randomBytes } from 'node:crypto'
import process, { env } from 'node:process'
import {
  type EphemeralServer,
  startEphemeralNats,
  startEphemeralPostgres,
  startEphemeralRedis
} from '@latchkey/dev/servers'
import { Client } from 'pg'
import { formRedisCluster, type RedisCluster, type RedisClusterOptions } from './redis-cluster.ts'

/** The part of tap's test that owns what a test starts: all of it is stopped and removed when the test ends. */
export interface TestScope {
  teardown(release: () => Promise<void> | void): void
}

/** A real server of this test alone; see its methods for what can be done to it. */
export type TestServer = Omit<EphemeralServer, 'stop'>

/** Redis (or Valkey) with its append-only file. `args` are more arguments of redis-server: `['--maxmemory', '8mb']`. */
export async function startRedis(t: TestScope, { args = [] }: { args?: readonly string[] } = {}): Promise<TestServer> {
  const server = await startEphemeralRedis(env, args)
  t.teardown(server.stop)
  return server
}

/** NATS with JetStream. `args` are more arguments of nats-server. */
export async function startNats(t: TestScope, { args = [] }: { args?: readonly string[] } = {}): Promise<TestServer> {
  const server = await startEphemeralNats(env, args)
  t.teardown(server.stop)
  return server
}

/** A Redis Cluster of three masters on loopback with all slots assigned, and the replicas that are wanted. */
export async function startRedisCluster(t: TestScope, options: RedisClusterOptions = {}): Promise<RedisCluster> {
  const { nodes, servers, stop } = await formRedisCluster(env, options)
  t.teardown(stop)
  return { nodes, servers }
}

let sharedPostgres: Promise<EphemeralServer> | undefined

/** One server serves the whole test process and ends with it; each test has a database of its own. */
async function getPostgresUrl(environment: NodeJS.ProcessEnv): Promise<string> {
  const given = environment.DATABASE_URL
  if (given !== undefined && given !== '') return given
  sharedPostgres ??= startEphemeralPostgres(environment)
  return (await sharedPostgres).url
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/**
 * An empty PostgreSQL database, dropped when the test ends: on the server named by `DATABASE_URL`, or, without it, on one
 * started for this test process.
 */
export async function createDatabase(t: TestScope): Promise<{ readonly url: string }> {
  return await addDatabase(t, 'template1')
}

/** Another database with all that is in that one, to which nobody may be connected then. */
export async function copyDatabase(t: TestScope, { url }: { readonly url: string }): Promise<{ readonly url: string }> {
  return await addDatabase(t, new URL(url).pathname.slice(1))
}

/** Fills an empty database, and has closed its connections when it is done. */
export type Prepare = (url: string) => Promise<unknown>

const prepared = new Map<Prepare, Promise<{ readonly url: string }>>()
/** What lasts as long as this process, which then waits for its release. */
const untilExit: TestScope = { teardown: (release) => void process.once('beforeExit', release) }

/** A copy of a database that `prepare` has filled: once for this process, and copied for each test. */
export async function createPreparedDatabase(t: TestScope, prepare: Prepare): Promise<{ readonly url: string }> {
  const original = prepared.get(prepare) ?? createOriginal(prepare)
  prepared.set(prepare, original)
  return await copyDatabase(t, await original)
}

async function createOriginal(prepare: Prepare): Promise<{ readonly url: string }> {
  const original = await createDatabase(untilExit)
  await prepare(original.url)
  return original
}

async function addDatabase(t: TestScope, template: string): Promise<{ readonly url: string }> {
  const serverUrl = await getPostgresUrl(env)
  const name = `test_${randomBytes(8).toString('hex')}`
  await execute(serverUrl, `CREATE DATABASE ${name} TEMPLATE ${template}`)
  t.teardown(() => execute(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return { url: url.href }
}
