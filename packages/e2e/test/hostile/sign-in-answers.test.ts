import { runSql } from '@latchkey/testing/dumps'
import { t as root, test } from 'tap'
import { signInAdmin } from '../../src/administrators.ts'
import type { Answer } from '../../src/http.ts'
import { eventually, newEmail, PASSWORD, register } from '../../src/people.ts'
import { startStack } from '../../src/stack.ts'

const ATTEMPTS_PER_ACCOUNT = 30

/** Two seconds of silence block for five minutes. */
const stack = await startStack(root, { USER_ACTIVITY_EXPIRATION: '2', USER_BLOCKING: '5' })
const { api } = stack

/** Tries it as a browser does, which would be given cookies. */
function trySignIn(identifier: string, password: string): Promise<Answer> {
  const headers = { 'sec-fetch-site': 'same-origin' }
  return api('POST', '/v1/sessions', { body: { identifier, password, cookies: true }, headers })
}

/** All that an answer shows, but for the id of its request and the values of header fields. */
function describe({ status, headers, body }: Answer) {
  const { requestId, ...shown } = body
  return { status, body: shown, fields: [...headers.keys()], cookies: headers.getSetCookie(), hasId: requestId !== '' }
}

async function createUnverified(): Promise<string> {
  const email = newEmail()
  await register(api, email)
  return email
}

async function createVerified(): Promise<string> {
  const email = newEmail()
  const { user } = (await register(api, email)).body
  await runSql(stack.environment.DATABASE_URL ?? '', `update users set email_verified = true where id = '${user.id}'`)
  return email
}

async function createBlocked(): Promise<string> {
  const email = newEmail()
  const { user } = (await register(api, email)).body
  const admin = await signInAdmin(stack)
  await api('PUT', `/v1/admin/users/${user.id}/block`, { token: admin.body.accessToken })
  return email
}

/** Somebody who was silent for longer than they may be, and has been told so. */
async function createSilent(): Promise<string> {
  const email = newEmail()
  const { accessToken: token } = (await register(api, email)).body
  const { activeUntil } = (await api('GET', '/v1/me/activity', { token })).body.status
  await eventually(
    async () => Date.now(),
    (now) => now > Date.parse(activeUntil) + 50
  )
  await api('GET', '/v1/me', { token })
  return email
}

async function createDeleted(): Promise<string> {
  const email = newEmail()
  const { accessToken: token } = (await register(api, email)).body
  await api('DELETE', '/v1/me', { token, body: { password: PASSWORD } })
  return email
}

async function useUp(identifier: string): Promise<string> {
  const guesses = Array.from({ length: ATTEMPTS_PER_ACCOUNT }, (_, n) => trySignIn(identifier, `guess ${n}`))
  await Promise.all(guesses)
  return identifier
}

/** Each kind of account, with what the right password is told. */
const accounts = [
  ['unknown', async () => newEmail(), { status: 401 }],
  ['verified', createVerified, { status: 201, body: { user: { emailVerified: true } } }],
  ['unverified', createUnverified, { status: 201, body: { user: { emailVerified: false } } }],
  ['blocked by an admin', createBlocked, { status: 403, body: { code: 'user_blocked', reason: 'admin' } }],
  ['blocked for inactivity', createSilent, { status: 403, body: { code: 'user_blocked', reason: 'inactivity' } }],
  ['deleted', createDeleted, { status: 401 }]
] as const

test('a wrong password is answered alike, whatever is the matter with the account', async (t) => {
  const expected = describe(await trySignIn(newEmail(), 'a wrong one'))
  t.match(expected, { status: 401, body: { code: 'invalid_credentials' }, cookies: [], hasId: true })
  for (const [name, create, right] of accounts) {
    const email = await create()
    t.strictSame(describe(await trySignIn(email, 'a wrong one')), expected, name)
    t.match(await trySignIn(email, PASSWORD), right, `${name}, as the right one shows`)
  }
})

test('an account whose attempts are used up is answered like one that nobody has', async (t) => {
  const [locked, nobody] = [await useUp(await createUnverified()), await useUp(newEmail())]
  const expected = describe(await trySignIn(nobody, 'a wrong one'))
  t.match(expected, { status: 429, body: { code: 'too_many_attempts' }, cookies: [] })
  t.strictSame(describe(await trySignIn(locked, 'a wrong one')), expected)
})
