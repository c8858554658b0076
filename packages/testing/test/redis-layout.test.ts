import { Redis } from 'ioredis'
import { test } from 'tap'
import { findLayoutBreaks } from '../src/layout-breaks.ts'
import { type Layout, restoreLayout, type Stored, takeLayout } from '../src/redis-layout.ts'
import { startRedis } from '../src/stores.ts'

const HOUR_MS = 3_600_000

function bytesOf(ms: number): Buffer {
  const bytes = Buffer.alloc(6)
  bytes.writeUIntBE(ms, 0, 6)
  return bytes
}

test('a layout has names for what differs from run to run, and is restored with what it is now', async (t) => {
  const { url } = await startRedis(t)
  const redis = new Redis(url)
  t.teardown(() => redis.disconnect())
  const now = Date.now()
  const iso = new Date(now).toISOString()
  await redis.hset('h', {
    at: `${now} ${Math.floor(now / 1000)}`,
    until: String(now + HOUR_MS),
    packed: Buffer.concat([Buffer.from([1, 2]), bytesOf(now - HOUR_MS), Buffer.from([255])]),
    fixed: '2020-01-01T00:00:00.000Z 1577836800000',
    [`u${Math.floor(now / 60_000)}`]: '7'
  })
  await redis.set('mine', 'who:somebody', 'PX', HOUR_MS)
  await redis.zadd('z', now, `00${now}:x`)
  await redis.xadd('s', '*', 'event', JSON.stringify({ at: iso }))
  const [, history = ''] = /master_replid:(\w+)/.exec(await redis.info('replication')) ?? []
  await redis.set('lineage', `${history} ${now}`)
  const options = { period: { fromMs: now, toMs: Date.now() }, names: { '<me>': 'somebody' }, except: /^lin/ }
  const layout = await takeLayout(url, options)
  const expected: Layout = {
    h: {
      type: 'hash',
      expires: false,
      content: {
        at: '<ms> <s>',
        fixed: '2020-01-01T00:00:00.000Z 1577836800000',
        packed: '\u0001\u0002<bytes earlier>\u00ff',
        'u<min>': '1',
        until: '<ms later>'
      }
    },
    mine: { type: 'string', expires: true, content: { '': 'who:<me>' } },
    s: { type: 'stream', expires: false, content: [{ '': '<ms>', event: '{"at":"<iso>"}' }] },
    z: { type: 'zset', expires: false, content: { '00<ms>:x': '<ms>' } }
  }
  t.same(layout, expected)

  await redis.flushall()
  const lineage: Stored = { type: 'string', expires: false, content: { '': '<history> <ms>' } }
  await restoreLayout(url, { ...layout, lineage })
  const restored = await takeLayout(url, { ...options, period: { fromMs: now, toMs: Date.now() }, except: /^lin/ })
  t.same(restored, expected, 'times that were are those of now')
  t.match(await redis.get('lineage'), new RegExp(`^${history} \\d{13}$`))
  t.equal((await redis.hgetBuffer('h', 'packed'))?.length, 9)
  t.ok((await redis.pttl('mine')) > 0)
})

const hash = (content: Readonly<Record<string, string>>): Layout => ({ h: { type: 'hash', expires: false, content } })

test('keys, fields and ends of lists may come in', async (t) => {
  const older = hash({ a: '1', 'p:0': '[1,"t', 'p:1': 'wo"]', event: 'kind {"x":1}' })
  const newer = hash({ a: '1', b: '2', 'p:0': '[1,"two",', 'p:1': '3]', event: 'kind {"y":[],"x":1}' })
  t.same(findLayoutBreaks(older, { ...newer, other: { type: 'string', expires: true, content: { '': '' } } }), [])
})

test('whatever an older reader would miss or misread is named with its place', async (t) => {
  const older = hash({ a: '1', 'p:0': '[1,"two"]', event: 'kind {"x":1}' })
  t.same(findLayoutBreaks(older, {}), ['h: gone'])
  t.same(findLayoutBreaks(older, hash({ 'p:0': '[1]', event: 'kind {"x":"1"}' })), [
    'h a: gone',
    'h p: 1: gone',
    'h event 1 x: "1" instead of 1'
  ])
  t.same(findLayoutBreaks(hash({ a: '1' }), { h: { type: 'hash', expires: true, content: { a: '1' } } }), [
    'h: goes by itself'
  ])
  const stream: Layout = { h: { type: 'stream', expires: false, content: [{ '': '1-0', item: 'x' }] } }
  t.same(findLayoutBreaks(hash({ a: '1' }), stream), ['h: a stream instead of a hash'])
  t.same(findLayoutBreaks(stream, { h: { type: 'stream', expires: false, content: [{ '': '1-0', it: 'x' }] } }), [
    'h 0 item: gone'
  ])
})
