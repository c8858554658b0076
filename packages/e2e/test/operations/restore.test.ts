import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { loseStreams, startGuardedNats, startGuardedRedis } from '@latchkey/testing/guarded-stores'
import { copyDatabase, type TestServer } from '@latchkey/testing/stores'
import { Redis } from 'ioredis'
import { type Test, test } from 'tap'
import type { Api } from '../../src/http.ts'
import { eventually, newEmail, PASSWORD, register, signIn } from '../../src/people.ts'
import { startProcesses, startServices } from '../../src/processes.ts'
import { removeKeys } from '../../src/redis.ts'

const NEW_PASSWORD = 'another horse, another battery'
const ask = (api: Api, token: string) => api('GET', '/v1/sessions/current', { token })
const refresh = (api: Api, refreshToken: string) => api('POST', '/v1/sessions/refresh', { body: { refreshToken } })

/** A copy of what Redis holds, as its own snapshot, and a new server that is started from it. */
async function restoreRedis(t: Test, { url }: TestServer): Promise<TestServer> {
  const redis = new Redis(url)
  t.teardown(() => redis.disconnect())
  await redis.save()
  const [, folder = ''] = (await redis.config('GET', 'dir')) as string[]
  const copy = join(t.testdir(), 'redis')
  await mkdir(copy)
  await copyFile(join(folder, 'dump.rdb'), join(copy, 'dump.rdb'))
  const restored = await startGuardedRedis(t, ['--dir', copy, '--appendonly', 'no'])
  const operator = new Redis(restored.url)
  t.teardown(() => operator.disconnect())
  await operator.config('SET', 'appendonly', 'yes')
  return restored
}

/** When entries of a kind in the user's timeline happened. */
async function listEntryTimes(api: Api, token: string, wanted: string): Promise<string[]> {
  const { body } = await api('GET', '/v1/me/activity', { token })
  const items: { kind: string; occurredAt: string }[] = body.items
  return items.filter(({ kind }) => kind === wanted).map(({ occurredAt }) => occurredAt)
}

test('people and their sessions move to new servers with the back-ups, and go back with an older one', async (t) => {
  const before = await startProcesses(t)
  const email = newEmail()
  const { body: kept } = await register(before.api, email)
  const { body: revoked } = await signIn(before.api, email)
  t.equal((await before.api('DELETE', '/v1/sessions/current', { token: revoked.accessToken })).status, 204)
  for (const service of Object.values(before.services)) await service.stop()

  const database = { url: before.environment.DATABASE_URL ?? '' }
  const [copy, redis, nats] = await Promise.all([
    copyDatabase(t, database),
    restoreRedis(t, before.redis),
    startGuardedNats(t)
  ])
  const urls = { DATABASE_URL: copy.url, REDIS_URL: redis.url, NATS_URL: nats.url }
  const { api, services, restart } = await startServices(t, { ...before.environment, ...urls })

  const restoredAt = new Date().toISOString()
  const listTimes = (kind: string) => listEntryTimes(api, kept.accessToken, kind)

  await t.test('on new servers sessions go on, and what was revoked stays revoked', async (t) => {
    t.equal((await ask(api, kept.accessToken)).status, 200)
    t.match(await ask(api, revoked.accessToken), { status: 401, body: { code: 'session_ended', reason: 'signed_out' } })
    t.match(await refresh(api, revoked.refreshToken), { status: 401 })
    t.equal((await refresh(api, kept.refreshToken)).status, 200)
    t.equal((await signIn(api, email)).status, 201)
  })

  await t.test('timelines came along, and go on by a new stream', async (t) => {
    t.equal((await listTimes('user_registered')).length, 1)
    const signIns = await eventually(
      () => listTimes('signed_in'),
      (times) => times.some((at) => at >= restoredAt)
    )
    t.ok(signIns.some((at) => at >= restoredAt))
  })

  await t.test('a stream that is lost while all run is made anew, and what comes then is not missing', async (t) => {
    await loseStreams(nats)
    const lostAt = new Date().toISOString()
    t.equal((await signIn(api, email)).status, 201)
    const signIns = await eventually(
      () => listTimes('signed_in'),
      (times) => times.some((at) => at >= lostAt)
    )
    t.ok(signIns.some((at) => at >= lostAt))
  })

  await t.test('a database of an earlier moment and an empty session store let people sign in anew', async (t) => {
    const change = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD }
    t.equal((await api('PUT', '/v1/me/password', { token: kept.accessToken, body: change })).status, 204)
    const { body: later } = await register(api)
    await services.auth.stop()
    await services.session.stop()
    await removeKeys(redis, 'lk:s:*')
    const { url: DATABASE_URL } = await copyDatabase(t, database)
    await restart('session')
    await restart('auth', { DATABASE_URL })

    for (const { accessToken, refreshToken } of [kept, later]) {
      const answer = await eventually(
        () => ask(api, accessToken),
        ({ status }) => status !== 503
      )
      t.equal(answer.status, 401)
      t.equal((await refresh(api, refreshToken)).status, 401)
    }
    const signedIn = await signIn(api, email)
    t.equal(signedIn.status, 201, 'with the password of that moment')
    t.equal((await ask(api, signedIn.body.accessToken)).status, 200)
    t.equal((await signIn(api, later.user.email)).status, 401, 'who came later is not there')
  })
})
