import { once } from 'node:events'
import { createServer } from 'node:http'
import { env } from 'node:process'
import { type Test, test } from 'tap'
import { runStatus } from '../../src/commands/status.ts'
import { takeLock } from '../../src/data/lock.ts'
import { saveState } from '../../src/data/state.ts'
import { createCleanup } from '../../src/processes/cleanup.ts'
import { startEphemeralNats, startEphemeralPostgres, startEphemeralRedis } from '../../src/servers.ts'

/** Stands in for the four services, which say all is well. */
async function startService(t: Test): Promise<number> {
  const server = createServer((_request, response) => response.end('{"status":"ok"}')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function createRun(dataFolder: string) {
  const printed: string[] = []
  const settings = { root: dataFolder, dataFolder, gatewayPort: 3000, environment: {} }
  const print = (line: string): void => void printed.push(line)
  const cleanup = createCleanup(() => undefined)
  return { printed, run: { settings, cleanup, print, signal: new AbortController().signal } }
}

test('nothing is running: one line with the command that starts it', async (t) => {
  const { run } = createRun(t.testdir({}))
  await t.rejects(runStatus(run, []), { message: /is not running .*npx pnpm@12 dev$/ })
})

test('an unknown option is refused', async (t) => {
  const { run } = createRun(t.testdir({}))
  await t.rejects(runStatus(run, ['--yaml']), { message: /unknown option "--yaml"/ })
})

test('every part is asked, and what is down is named', async (t) => {
  const dataFolder = t.testdir({})
  const servers = await Promise.all([
    startEphemeralPostgres(env),
    startEphemeralRedis(env, []),
    startEphemeralNats(env, [])
  ])
  for (const server of servers) t.teardown(server.stop)
  const [postgres, redis, nats] = servers
  const port = await startService(t)
  const store = ({ url }: { url: string }) => ({ url, version: 'unknown', rung: 'program' }) as const
  saveState(dataFolder, {
    ports: { gateway: port, auth: port, session: port, activity: port },
    stores: { postgres: store(postgres), redis: store(redis), nats: store(nats) },
    processes: []
  })
  t.teardown(takeLock(dataFolder, 'a cure'))

  const { run, printed } = createRun(dataFolder)
  t.equal(await runStatus(run, ['--json']), 0)
  t.match(JSON.parse(printed.join('')), { ready: true, parts: { gateway: { ready: true }, redis: { ready: true } } })
  t.notMatch(printed.join(''), new URL(postgres.url).password)

  await redis.kill()
  await t.rejects(runStatus(run, []), { message: /^down: Redis \(.*npx pnpm@12 dev$/ })
  await runStatus(run, ['--env']).catch(() => undefined)
  t.match(printed.at(-1), `export REDIS_URL='${redis.url}'`)
})
