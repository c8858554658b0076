import { startRedis } from '@latchkey/testing/stores'
import { test } from 'tap'
import { connect, createStore, createUser, listAll, open, rotate } from './fixtures.ts'
import { testSessionStore } from './suites/suite.ts'

test('sessions in one Redis', async (t) => {
  const { url } = await startRedis(t)
  await testSessionStore(t, url)
})

test('refresh tokens', async (t) => {
  const { url } = await startRedis(t)
  const redis = await connect(t, url)
  const store = createStore(redis)

  await t.test('the parent of an unused successor gets it again, until the grace is over', async (t) => {
    const { token } = await open(store, createUser())
    const { next } = await rotate(store, token)
    const again = await rotate(store, token)
    t.equal(again.next, next)
    t.match(again.outcome, { kind: 'rotated' })
    const strict = createStore(redis, { refreshGraceMs: 0 })
    t.match((await rotate(strict, token)).outcome, { kind: 'reused', reason: 'refresh_reuse' })
    t.match((await rotate(store, next)).outcome, { kind: 'ended', reason: 'refresh_reuse' })
  })

  await t.test('an ancestor ends the session, also within the grace', async (t) => {
    const user = createUser()
    const { token } = await open(store, user)
    const { next } = await rotate(store, token)
    await rotate(store, next)
    t.match((await rotate(store, token)).outcome, { kind: 'reused' })
    t.match(await listAll(store, user.id, 'ended'), [{ ended: { reason: 'refresh_reuse' } }])
  })

  await t.test('a token from ahead is not ours and harms nothing', async (t) => {
    const user = createUser()
    const key = `lk:s:{${user.id.slice(-2)}}:${user.id}`
    const { session, token } = await open(store, user)
    const before = await redis.hgetBuffer(key, session.id)
    const { next } = await rotate(store, token)
    await redis.hset(key, session.id, before ?? '')
    t.match((await rotate(store, next)).outcome, { kind: 'unknown' })
    t.match((await rotate(store, token)).outcome, { kind: 'rotated' })
  })

  await t.test('after everything is lost a token is unknown', async (t) => {
    const { token } = await open(store, createUser())
    await redis.flushall()
    t.match((await rotate(store, token)).outcome, { kind: 'unknown' })
  })
})
