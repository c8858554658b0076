import { startRedis } from '@latchkey/testing/stores'
import { test } from 'tap'
import { connect, hear } from './scenario.ts'

const NAME = 'main'

test('a client that was told of sentinels finds the primary, and the next one when that is gone', async (t) => {
  const primary = await startRedis(t, { args: ['--repl-diskless-sync-delay', '0'] })
  const replica = await startRedis(t, { args: ['--replicaof', `127.0.0.1 ${primary.port}`] })
  const monitor = ['--sentinel', 'monitor', NAME, '127.0.0.1', String(primary.port), '1']
  const limits = [
    ...['--sentinel', 'down-after-milliseconds', NAME, '500'],
    // A failover that fails on a busy machine is tried again after twice as long.
    ...['--sentinel', 'failover-timeout', NAME, '1000']
  ]
  const sentinel = await startRedis(t, { args: [...monitor, ...limits] })
  const observer = await connect(t, sentinel.url)
  await until(async () => (await observer.info('sentinel')).includes('slaves=1'))
  const redis = await connect(t, sentinel.url, { sentinel: { name: NAME } })
  await redis.set('a', '1')
  await until(async () => (await redis.wait(1, 1000)) === 1)
  const copy = await connect(t, replica.url)
  t.equal(await copy.get('a'), '1')
  await primary.kill()
  await until(async () => (await redis.set('a', '2')) === 'OK')
  t.equal(await copy.get('a'), '2')
})

test('a client that is told of a failover while it looks for the primary goes on', async (t) => {
  const primary = await startRedis(t)
  const sentinel = await startRedis(t, {
    args: ['--sentinel', 'monitor', NAME, '127.0.0.1', String(primary.port), '1']
  })
  const redis = await connect(t, sentinel.url, { sentinel: { name: NAME } })
  const ended = hear(redis, 'end')
  // As the driver does it when it is told: it has the connector end what it is at.
  redis.once('connecting', () => Reflect.get(redis, 'connector').disconnect())
  await primary.kill()
  await ended
  await primary.restart()
  await until(async () => (await redis.set('a', '1')) === 'OK')
  t.equal(await redis.get('a'), '1')
})

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 20))
}
