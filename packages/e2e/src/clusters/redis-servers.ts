import { createRedisGuard } from '@latchkey/testing/guarded-stores'
import { startRedisCluster, type TestServer } from '@latchkey/testing/stores'
import { Redis } from 'ioredis'
import type { Heal } from '../history/faults.ts'
import { createStore, type StartStore } from './clustered-store.ts'
import { freeze, kill } from './nats-servers.ts'

/** Three primaries and a replica of each, with the users that Redis is deployed with. */
export const startRedisNodes: StartStore = async (t) => {
  const { servers } = await startRedisCluster(t, { withReplicas: true, args: await createRedisGuard(t) })
  const url = servers.map((server) => server.url).join(',')
  return createStore(url, servers, [
    ['a primary is killed', async () => kill(await findNode(servers, 'master'))],
    ['a primary hangs', async () => freeze(await findNode(servers, 'master'))],
    ['a replica is killed', async () => kill(await findNode(servers, 'slave'))],
    ['a replica is told to take over', () => takeOver(servers)]
  ])
}

/** Somebody of that role; each time another one. */
export async function findNode(servers: readonly TestServer[], role: 'master' | 'slave'): Promise<TestServer> {
  const asked = await Promise.all(servers.map(async (server) => ({ server, is: await readRole(server) })))
  const found = asked.filter(({ is }) => is === role).map(({ server }) => server)
  const chosen = found[Math.floor(Math.random() * found.length)]
  if (chosen === undefined) throw new Error(`no ${role}`)
  return chosen
}

async function takeOver(servers: readonly TestServer[]): Promise<Heal> {
  await command(await findNode(servers, 'slave'), 'CLUSTER', 'FAILOVER')
  return () => undefined
}

async function readRole(server: TestServer): Promise<unknown> {
  const reply = await command(server, 'ROLE').catch(() => undefined)
  return Array.isArray(reply) ? reply[0] : undefined
}

/** Sends one command to one server. */
export async function command({ url }: Pick<TestServer, 'url'>, name: string, ...args: string[]): Promise<unknown> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: null, commandTimeout: 2000 })
  redis.on('error', () => undefined)
  try {
    await redis.connect()
    return await redis.call(name, ...args)
  } finally {
    redis.disconnect()
  }
}
