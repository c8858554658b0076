import { t as root, test } from 'tap'
import type { Answer } from '../../src/http.ts'
import { eventually, newEmail, PASSWORD } from '../../src/people.ts'
import { startProcesses } from '../../src/processes.ts'

/** Addresses come by a proxy; and whoever has to wait does so for longer than the slowest machine takes for this test. */
const { api, restart, services, redis } = await startProcesses(root, {
  TRUSTED_PROXIES: '127.0.0.1',
  ATTEMPTS_DELAY: '1800'
})

const HOME = '192.0.2.1'
const PHONE = 'the-phone-of-the-user'
const elsewhere = (n: number) => `198.51.100.${n % 250}`

interface Try {
  readonly password?: string
  readonly from: string
  readonly deviceId?: string
}

function signIn(identifier: string, { password = PASSWORD, from, deviceId }: Try): Promise<Answer> {
  const device = deviceId === undefined ? {} : { deviceId }
  return api('POST', '/v1/sessions', {
    body: { identifier, password, ...device },
    headers: { 'x-forwarded-for': from }
  })
}

async function signUp(): Promise<{ email: string; token: string }> {
  const email = newEmail()
  const body = { email, password: PASSWORD, deviceId: PHONE }
  const { body: signedUp } = await api('POST', '/v1/users', { body, headers: { 'x-forwarded-for': HOME } })
  return { email, token: signedUp.accessToken }
}

const guess = (identifier: string, n: number) => signIn(identifier, { password: `guess ${n}`, from: elsewhere(n) })

async function guessMany(identifier: string, times: number): Promise<number[]> {
  const statuses: number[] = []
  for (let n = 0; n < times; n += 1) statuses.push((await guess(identifier, n)).status)
  return statuses
}

function count(answers: readonly Answer[]): Record<string, number> {
  return Object.fromEntries(
    [...Map.groupBy(answers, ({ status }) => status)].map(([status, all]) => [status, all.length])
  )
}

test('an attacker uses up an account, and its user still gets in where they are known', async (t) => {
  const { email } = await signUp()
  t.same(await guessMany(email, 32), [...Array(30).fill(401), 429, 429])
  const refused = await signIn(email.toUpperCase(), { from: elsewhere(99) })
  t.match(refused.body, { status: 429, code: 'too_many_attempts', title: 'Too many attempts' })
  t.match(refused.headers.get('retry-after'), /^[1-9]\d*$/)

  const nobody = newEmail()
  t.same(await guessMany(nobody, 32), [...Array(30).fill(401), 429, 429], 'whether or not there is one')
  const { requestId: _, ...body } = (await signIn(nobody, { from: elsewhere(99) })).body
  t.match(refused.body, body)
  t.equal(Object.keys(refused.body).length, Object.keys(body).length + 1)

  const older = { body: { email, password: PASSWORD }, headers: { 'x-forwarded-for': elsewhere(7) } }
  const byOlderDoor = await api('POST', '/api/login', older)
  t.match([byOlderDoor.status, byOlderDoor.body], [429, { message: 'Too many attempts' }])
  t.ok(byOlderDoor.headers.has('retry-after'))

  t.equal((await signIn(email, { from: elsewhere(3), deviceId: PHONE })).status, 201, 'by the device')
  t.equal((await signIn(email, { from: HOME })).status, 201, 'by the address')
  t.equal((await guess(email, 1)).status, 429, 'which buys the attacker nothing')

  await services.activity.kill()
  await restart('activity')
  const again = await eventually(
    () => guess(email, 1),
    ({ status }) => status === 429
  )
  t.ok(Number(again.headers.get('retry-after')) > 900, 'what was counted is there after a restart')
})

/** What one auth service lets through by itself where the shared budgets do not answer in time, as on a busy machine. */
const LOCAL_BUDGET = 5

test('of 200 guesses at once 30 are judged, and of 20 right passwords all', async (t) => {
  const { email } = await signUp()
  const right = await Promise.all(Array.from({ length: 20 }, (_, n) => signIn(email, { from: elsewhere(n) })))
  t.same(count(right), { 201: 20 })
  const guessed = newEmail()
  const guesses = count(await Promise.all(Array.from({ length: 200 }, (_, n) => guess(guessed, n))))
  const { 401: judged = 0, 429: refused = 0 } = guesses
  t.equal(judged + refused, 200)
  t.ok(judged >= 30 && judged <= 30 + LOCAL_BUDGET, `${judged} were judged`)
})

test('one password tried at many accounts uses up its source, and nobody who is known there by a device', async (t) => {
  const from = '2001:db8:1:2::1'
  const { email } = await signUp()
  const tried: number[] = []
  for (let n = 0; n < 155; n += 1) {
    tried.push((await signIn(newEmail(), { password: 'spring 2026', from: `2001:db8:1:2::${n}` })).status)
  }
  t.same(tried, [...Array(150).fill(401), ...Array(5).fill(429)])
  t.equal((await signIn(email, { from })).status, 429)
  t.equal((await signIn(email, { from, deviceId: PHONE })).status, 201)
})

test('somebody who is signed in guesses no more often, and nobody outside keeps them from proving themselves', async (t) => {
  const { email, token } = await signUp()
  await guessMany(email, 31)
  const body = { currentPassword: 'a guess', newPassword: 'another fine password' }
  const change = () => api('PUT', '/v1/me/password', { token, body })
  for (let n = 0; n < 30; n += 1) t.equal((await change()).status, 403)
  t.match((await change()).body, { status: 429, code: 'too_many_attempts' })
  t.equal((await api('DELETE', '/v1/me', { token, body: { password: PASSWORD } })).status, 429, 'it is one budget')
})

test('without the store each auth service counts for itself, and more strictly', async (t) => {
  const email = newEmail()
  await redis.kill()
  const outcomes = await guessMany(email, 7)
  t.same(outcomes, [...Array(5).fill(401), 429, 429])
  await redis.restart()
})
