import { execFile } from 'node:child_process'
import { platform } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { startEphemeralNats } from '@latchkey/dev/servers'
import { createClient, type RedisClientType } from 'redis'
import type { Context } from '../context.ts'
import { forEachPlace } from '../load/closed-loop.ts'
import { runCommand, startService } from './services.ts'
import { createSessionOpener } from './session-opener.ts'
import { createEnvironment } from './start-stack.ts'

const SESSION_SERVICES = 2
const OPENED_AT_ONCE = 64
const TOLD_EVERY = 100_000
const SETTLE_POLL_MS = 500
const SETTLE_WITHIN_MS = 600_000
/** Memory that moves by less than this between two looks is at rest. */
const REST_BYTES = 64 * 1024

/**
 * Opens `count` sessions, each of another person, and returns the bytes of memory that Redis needs for each. Services
 * and bus for it come and go, so that nothing of the work is left but the sessions; tokens, which nobody will use, are
 * signed the fast way.
 */
export async function fillRedis(context: Context, redisUrl: string, count: number): Promise<number> {
  await using scope = new AsyncDisposableStack()
  const nats = await startEphemeralNats(context.environment, [])
  scope.defer(nats.stop)
  const environment = { ...createEnvironment(scope, nats.url, redisUrl), TOKEN_ALG: 'EdDSA' }
  await runCommand('session', 'keys-generate', environment)
  const before = await readUsedMemory(redisUrl)
  const start = () => startService(scope, 'session', environment, context.cores.all)
  await Promise.all(Array.from({ length: SESSION_SERVICES }, start))
  const opener = await createSessionOpener(scope, nats.url)

  context.tell(`  filling Redis with ${count} sessions`)
  const startedAtMs = performance.now()
  await forEachPlace(count, OPENED_AT_ONCE, async (place) => {
    await opener.open('pair')
    if ((place + 1) % TOLD_EVERY === 0) context.tell(`  ${place + 1} sessions are open`)
  })
  const openedAfterMs = performance.now() - startedAtMs
  const bytes = ((await waitForRest(redisUrl)) - before) / count
  const restfulAfterMs = performance.now() - startedAtMs
  context.tell(`  opened in ${seconds(openedAfterMs)}, events published in ${seconds(restfulAfterMs)}`)
  await settleFile(redisUrl)
  return bytes
}

function seconds(durationMs: number): string {
  return `${Math.round(durationMs / 1000)} s`
}

/** Events of the sessions wait in Redis until they have been published; then memory stands still. */
async function waitForRest(redisUrl: string): Promise<number> {
  const endsAtMs = performance.now() + SETTLE_WITHIN_MS
  let last = await readUsedMemory(redisUrl)
  for (let restful = 0; restful < 3; ) {
    if (performance.now() > endsAtMs) throw new Error('the memory of Redis does not come to rest')
    await pause(SETTLE_POLL_MS)
    const now = await readUsedMemory(redisUrl)
    restful = Math.abs(now - last) < REST_BYTES ? restful + 1 : 0
    last = now
  }
  return last
}

/**
 * The append-only file is written anew and on the disk: what filling has left to do there, a copy of every page that is
 * written to meanwhile included, would slow down what is measured next.
 */
async function settleFile(redisUrl: string): Promise<void> {
  await withRedis(redisUrl, (client) => client.bgRewriteAof())
  const endsAtMs = performance.now() + SETTLE_WITHIN_MS
  const isAtWork = /^(aof_rewrite_in_progress|aof_rewrite_scheduled|aof_pending_bio_fsync):[1-9]/m
  do {
    if (performance.now() > endsAtMs) throw new Error('the file of Redis does not come to rest')
    await pause(SETTLE_POLL_MS)
  } while (isAtWork.test(await withRedis(redisUrl, (client) => client.info('persistence'))))
  if (platform() === 'linux') await promisify(execFile)('sync')
}

async function readUsedMemory(redisUrl: string): Promise<number> {
  const used = /^used_memory:(\d+)/m.exec(await withRedis(redisUrl, (client) => client.info('memory')))?.[1]
  if (used === undefined) throw new Error('Redis does not tell its memory')
  return Number(used)
}

async function withRedis<T>(url: string, ask: (client: RedisClientType) => Promise<T>): Promise<T> {
  const client: RedisClientType = createClient({ url })
  await client.connect()
  try {
    return await ask(client)
  } finally {
    client.destroy()
  }
}
