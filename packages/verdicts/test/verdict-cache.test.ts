import { test } from 'tap'
import { VerdictCache } from '../src/holder/verdict-cache.ts'
import { found, type TestVerdict } from './scenario.ts'

const keep = (cache: VerdictCache<TestVerdict>, token: string, sessionId = token) =>
  cache.keep(token, found(sessionId), 0)

test('no more verdicts are kept than fit, and those in use stay', async (t) => {
  const cache = new VerdictCache<TestVerdict>(100)
  for (let number = 0; number < 1000; number += 1) {
    keep(cache, `token-${number}`)
    const first = cache.find('token-0')
    if (first !== undefined) first.used = true
  }
  t.equal(cache.size, 100)
  t.ok(cache.find('token-0'), 'used again and again')
  t.ok(cache.find('token-999'))
  t.notOk(cache.find('token-1'))
})

test('a verdict that was put out is not found by session or user either', async (t) => {
  const cache = new VerdictCache<TestVerdict>(2)
  for (const token of ['a', 'b', 'c', 'd']) keep(cache, token, 'shared')
  cache.dropSession('shared')
  t.equal(cache.size, 0)
})

test('a token that is put again is there once', async (t) => {
  const cache = new VerdictCache<TestVerdict>(10)
  keep(cache, 'a', 'first')
  keep(cache, 'a', 'second')
  t.equal(cache.size, 1)
  cache.dropSession('first')
  t.equal(cache.find('a')?.sessionId, 'second')
  cache.dropUser('user-of-second')
  t.equal(cache.find('a'), undefined)
})
