import { startRedis } from '@latchkey/testing/stores'
import { type Test, test } from 'tap'
import { createAvailability } from '../src/availability.ts'
import { connect, createLog } from './scenario.ts'

class Unavailable extends Error {
  override readonly name = 'Unavailable'
}

async function setUp(t: Test, args: readonly string[] = []) {
  const server = await startRedis(t, { args })
  const redis = await connect(t, server.url, { commandTimeoutMs: 100 })
  const log = createLog()
  const whenAvailable = createAvailability({
    client: redis,
    log,
    createError: (...args) => new Unavailable(...args)
  })
  return { server, redis, log, whenAvailable }
}

test('an outage is the error of the caller, told of once, as is its end', async (t) => {
  const { server, redis, log, whenAvailable } = await setUp(t)
  const ping = () => whenAvailable('x', () => redis.ping())
  t.equal(await ping(), 'PONG')
  server.pause()
  for (let i = 0; i < 20; i += 1) await t.rejects(ping(), Unavailable)
  server.resume()
  while (
    !(await ping().then(
      () => true,
      () => false
    ))
  ) {}
  t.same(log.lines, ['Redis does not answer', 'Redis answers again'])
})

test('while it is down one command at a time tries it', async (t) => {
  const { server, redis, whenAvailable } = await setUp(t)
  server.pause()
  for (const _ of [1, 2, 3])
    await t.rejects(
      whenAvailable('x', () => redis.ping()),
      Unavailable
    )
  let tried = 0
  const attempt = () =>
    whenAvailable('x', async () => {
      tried += 1
      return await redis.ping()
    })
  await Promise.allSettled(Array.from({ length: 50 }, attempt))
  t.ok(tried <= 1)
})

test('a server without memory is an outage, a wrong command is not', async (t) => {
  const { redis, whenAvailable } = await setUp(t, ['--maxmemory', '1'])
  await t.rejects(
    whenAvailable('x', () => redis.set('x', '1')),
    Unavailable
  )
  await t.rejects(
    whenAvailable('x', () => redis.call('NONSENSE')),
    /unknown command/
  )
  await t.rejects(
    whenAvailable('x', async () => {
      throw new TypeError('a fault of ours')
    }),
    TypeError
  )
})
