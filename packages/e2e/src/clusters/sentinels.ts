import { createRedisGuard } from '@latchkey/testing/guarded-stores'
import { startRedis, type TestScope, type TestServer } from '@latchkey/testing/stores'
import { eventually } from '../people.ts'
import { createStore, type StartStore } from './clustered-store.ts'
import { freeze, kill } from './nats-servers.ts'
import { command, findNode } from './redis-servers.ts'

/** What the sentinels call the primary. */
export const PRIMARY = 'main'
const QUORUM = '2'
const DOWN_AFTER_MS = '1000'

/** One primary, two replicas, and three sentinels that agree on who is who. */
export const startSentinels: StartStore = async (t) => {
  const guard = [...(await createRedisGuard(t)), '--repl-diskless-sync-delay', '0']
  const primary = await startRedis(t, { args: guard })
  const follow = ['--replicaof', `127.0.0.1 ${primary.port}`]
  const replicas = await Promise.all([1, 2].map(() => startRedis(t, { args: [...guard, ...follow] })))
  const sentinels = await Promise.all([1, 2, 3].map(() => startSentinel(t, primary)))
  for (const sentinel of sentinels) await untilAgreed(sentinel)
  const servers = [primary, ...replicas]
  const url = sentinels.map((sentinel) => sentinel.url).join(',')
  return createStore(url, servers, [
    ['the primary is killed', async () => kill(await findNode(servers, 'master'))],
    ['the primary hangs', async () => freeze(await findNode(servers, 'master'))],
    ['a replica is killed', async () => kill(await findNode(servers, 'slave'))],
    [
      'a replica is told to take over',
      async () => {
        const [sentinel] = sentinels
        if (sentinel !== undefined) await command(sentinel, 'SENTINEL', 'FAILOVER', PRIMARY)
        return () => undefined
      }
    ]
  ])
}

function startSentinel(t: TestScope, { port }: TestServer): Promise<TestServer> {
  const args = [
    ...['--sentinel', 'monitor', PRIMARY, '127.0.0.1', String(port), QUORUM],
    ...['--sentinel', 'down-after-milliseconds', PRIMARY, DOWN_AFTER_MS],
    ...['--sentinel', 'failover-timeout', PRIMARY, '5000']
  ]
  return startRedis(t, { args })
}

/** It knows of all replicas and of all other sentinels. */
async function untilAgreed(sentinel: TestServer): Promise<void> {
  await eventually(
    () => command(sentinel, 'INFO', 'sentinel'),
    (info) => String(info).includes('slaves=2,sentinels=3'),
    30_000
  )
}
