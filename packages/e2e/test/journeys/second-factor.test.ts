import { t as root, test } from 'tap'
import { readAuthenticator } from '../../src/authenticator.ts'
import { eventually, newEmail, PASSWORD, register } from '../../src/people.ts'
import { startStack } from '../../src/stack.ts'
import { newMobile, newUsername } from '../dialects/people.ts'

const { api } = await startStack(root)

const signIn = (identifier: string, code?: string, password = PASSWORD) =>
  api('POST', '/v1/sessions', { body: { identifier, password, ...(code === undefined ? {} : { code }) } })
const showSession = (token: string) => api('GET', '/v1/sessions/current', { token })
const begin = (token: string) => api('POST', '/v1/me/totp', { token })
const confirm = (token: string, code: string) => api('POST', '/v1/me/totp/confirm', { token, body: { code } })
const remove = (token: string, password = PASSWORD) => api('DELETE', '/v1/me/totp', { token, body: { password } })
const showFactor = async (token: string) => (await api('GET', '/v1/me/totp', { token })).body

/** Turns a factor on. Beside the code that this takes, the one of the next period is good from now on. */
async function enroll(before: string) {
  const { secret } = (await begin(before)).body
  const { recoveryCodes, accessToken: token } = (await confirm(before, readAuthenticator(secret))).body
  return { token, secret, recoveryCodes, nextCode: () => readAuthenticator(secret, 1) }
}

async function registerWithFactor(email = newEmail()) {
  return { email, ...(await enroll((await register(api, email)).body.accessToken)) }
}

function count(answers: readonly { readonly status: number; readonly body: { readonly code?: string } }[]) {
  const outcomes = answers.map(({ status, body }) => body.code ?? String(status))
  return Object.fromEntries([...Map.groupBy(outcomes, (each) => each)].map(([name, each]) => [name, each.length]))
}

test('a person turns a second factor on and signs in with it, each code once', async (t) => {
  const email = newEmail()
  const { accessToken: other } = (await register(api, email)).body
  const { accessToken: before, refreshToken } = (await signIn(email)).body
  t.same(await showFactor(before), { enabled: false, recoveryCodesLeft: 0 })

  const replaced = (await begin(before)).body
  const { secret, otpauthUri } = (await begin(before)).body
  t.match(otpauthUri, new RegExp(`^otpauth://totp/Latchkey:${encodeURIComponent(email)}\\?.*secret=${secret}`))
  t.match((await confirm(before, readAuthenticator(replaced.secret))).body, { status: 403, code: 'wrong_code' })
  t.equal((await signIn(email)).status, 201, 'nothing is on before it is confirmed')
  const firstCode = readAuthenticator(secret)
  const confirmed = await confirm(before, firstCode)
  t.match(confirmed.body, { session: { method: 'password+totp', current: true, state: 'active' } })
  t.equal(new Set(confirmed.body.recoveryCodes).size, 10)

  t.match((await showSession(before)).body, { code: 'session_ended', reason: 'replaced' })
  const refreshed = await api('POST', '/v1/sessions/refresh', { body: { refreshToken } })
  t.match(refreshed.body, { code: 'session_ended', reason: 'replaced' })
  t.equal((await showSession(confirmed.body.accessToken)).status, 200)
  t.equal((await showSession(other)).status, 200, 'other sessions go on')
  t.match((await begin(confirmed.body.accessToken)).body, { status: 409, code: 'factor_enabled' })
  t.match((await confirm(confirmed.body.accessToken, firstCode)).body, { status: 409, code: 'factor_enabled' })

  t.match((await signIn(email)).body, { status: 401, code: 'second_factor_required' })
  t.match((await signIn(email, undefined, 'not the password')).body, { status: 401, code: 'invalid_credentials' })
  const nextCode = readAuthenticator(secret, 1)
  t.match((await signIn(email, nextCode, 'not the password')).body, { status: 401, code: 'invalid_credentials' })
  for (const code of [firstCode, 'abc', readAuthenticator(secret, 9)]) {
    t.match((await signIn(email, code)).body, { status: 401, code: 'second_factor_invalid' }, code)
  }
  t.match(await signIn(email, nextCode), { status: 201, body: { session: { method: 'password+totp' } } })
  t.match((await signIn(email, nextCode)).body, { code: 'second_factor_invalid' })
})

test('of 20 parallel sign-ins with one code one passes', async (t) => {
  const { email, nextCode } = await registerWithFactor()
  const code = nextCode()
  const counts = count(await Promise.all(Array.from({ length: 20 }, () => signIn(email, code))))
  t.equal(counts['201'], 1)
  t.equal((counts.second_factor_invalid ?? 0) + (counts.too_many_attempts ?? 0), 19)
})

test('a recovery code stands in for a code once, also when it is used twice at the same moment', async (t) => {
  const { email, token, recoveryCodes } = await registerWithFactor()
  const [first, second] = recoveryCodes
  const counts = count(await Promise.all(Array.from({ length: 8 }, () => signIn(email, first))))
  t.same(counts, { 201: 1, second_factor_invalid: 7 })
  t.equal((await signIn(email, second.toUpperCase().replaceAll('-', ' '))).status, 201)
  t.same(await showFactor(token), { enabled: true, recoveryCodesLeft: 8 })
})

test('wrong codes have a budget of their own: no more are tried, and the password stays as good as it was', async (t) => {
  const { email, token, nextCode, recoveryCodes } = await registerWithFactor()
  const guesses = Array.from({ length: 30 }, (_, index) => signIn(email, String(index).padStart(6, '0')))
  t.same(count(await Promise.all(guesses)), { second_factor_invalid: 10, too_many_attempts: 20 })
  const refused = await signIn(email, nextCode())
  t.match(refused.body, { status: 429, code: 'too_many_attempts' })
  t.ok(Number(refused.headers.get('retry-after')) > 0)
  t.match((await signIn(email, recoveryCodes[0])).body, { code: 'too_many_attempts' })

  t.match((await signIn(email)).body, { code: 'second_factor_required' })
  const body = { currentPassword: PASSWORD, newPassword: 'quite another passphrase' }
  t.equal((await api('PUT', '/v1/me/password', { token, body })).status, 204)
  t.match((await signIn(email, undefined, body.newPassword)).body, { code: 'second_factor_required' })
})

test('the older interfaces refuse a user with a second factor, after the right password only', async (t) => {
  const [email, username, mobile] = [newEmail(), newUsername(), newMobile()]
  const person = { email, username, mobile, password: PASSWORD, firstName: 'Ada' }
  await enroll((await api('POST', '/v1/users', { body: person })).body.accessToken)
  const message = 'Second factor required'
  const doors = [
    ['/api/login', { email }, { message }, { message: 'Invalid email or password' }],
    ['/users/login', { email }, { message }, { message: 'Invalid email or password' }],
    ['/api/v1/auth/login', { email }, { success: false, message }, { message: 'Incorrect email or password' }],
    ['/login', { username }, { message }, { message: 'Invalid credentials' }]
  ] as const
  for (const [path, identifier, refusal, wrong] of doors) {
    const answer = await api('POST', path, { body: { ...identifier, password: PASSWORD } })
    t.strictSame([answer.status, answer.body], [403, refusal], path)
    const guessed = await api('POST', path, { body: { ...identifier, password: 'not the password' } })
    t.match(guessed, { status: 401, body: wrong }, path)
  }
  const trusted = await api('POST', '/login', { body: { mobile, username: 'Ada' } })
  t.strictSame([trusted.status, trusted.body], [403, { message }])
})

test('removing the factor wants the password, ends every other session and takes all codes along', async (t) => {
  const { email, token, recoveryCodes, nextCode } = await registerWithFactor()
  const { accessToken: other } = (await signIn(email, nextCode())).body
  t.match((await remove(token, 'not the password')).body, { status: 403, code: 'wrong_password' })
  t.equal((await remove(token)).status, 204)
  t.match((await showSession(other)).body, { code: 'session_ended', reason: 'revoked_by_user' })
  t.equal((await showSession(token)).status, 200)
  t.equal((await remove(token)).status, 204, 'once more is no fault')
  t.same(await showFactor(token), { enabled: false, recoveryCodesLeft: 0 })
  t.match(await signIn(email), { status: 201, body: { session: { method: 'password' } } })

  const anew = await enroll(token)
  t.notSame(anew.recoveryCodes, recoveryCodes)
  t.match((await signIn(email, recoveryCodes[0])).body, { code: 'second_factor_invalid' })
  const wanted = ['factor_enabled', 'factor_removed', 'factor_enabled']
  const list = async () => {
    const { items } = (await api('GET', '/v1/me/activity?limit=100', { token: anew.token })).body
    return items.map(({ kind }: { kind: string }) => kind).filter((kind: string) => kind.startsWith('factor_'))
  }
  t.same(await eventually(list, ({ length }) => length === wanted.length), wanted)
})
