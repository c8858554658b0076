import { withUser } from '@latchkey/testing/guarded-stores'
import { type MailServer, startMailServer } from '@latchkey/testing/mail'
import { t as root, test } from 'tap'
import { readAuthenticator } from '../../src/authenticator.ts'
import { getSetCookie } from '../../src/cookies.ts'
import { SERVICES } from '../../src/environment.ts'
import { PASSWORD_MARK } from '../../src/history/account.ts'
import { createScope } from '../../src/history/scope.ts'
import { type Api, createApi } from '../../src/http.ts'
import { createLeakCheck, watchLogs, watchSecrets } from '../../src/leaks.ts'
import { eventually, newEmail } from '../../src/people.ts'
import { startProcesses } from '../../src/processes.ts'

const REQUEST_ID = 'one-request-through-all'
const SAME_SITE = { 'sec-fetch-site': 'same-origin' }
const canary = (what: string) => `canary of a ${what} 4f1c9`

const mail = await startMailServer(root)
const {
  api: open,
  services,
  environment,
  redis
} = await startProcesses(root, {
  LOG_LEVEL: 'trace',
  SMTP_URL: mail.url,
  VERDICT_LEASE: '500'
})
const leaks = createLeakCheck(environment)
const api = watchSecrets(open, leaks)
for (const url of [environment.DATABASE_URL, withUser(environment.NATS_URL ?? '', 'auth')]) {
  leaks.remember(new URL(url ?? '').password)
}

const asRequest = { 'x-request-id': REQUEST_ID }

/** Signing up, in, on and out, with everything that can be given wrong given wrong as well. */
async function livePassword(email: string): Promise<string> {
  const password = canary('password')
  await api('POST', '/v1/users', { body: { email, password }, headers: asRequest })
  await api('POST', '/v1/users', { body: { email, password } })
  await api('POST', '/v1/users', { body: { email, password: canary('refused property'), role: 'admin' } })
  await api('POST', '/v1/users', { body: `{"email":"${email}","password":"${canary('broken body')}"` })
  await api('POST', '/v1/sessions', { body: { identifier: email, password: canary('wrong password') } })
  await api('POST', '/v1/sessions', { body: { identifier: canary('identifier'), password } })
  for (const scheme of ['Basic', 'Bearer', 'Digest']) {
    await api('GET', '/v1/me', { headers: { authorization: `${scheme} ${canary(scheme)}` } })
  }
  const { accessToken, refreshToken } = (
    await api('POST', '/v1/sessions', { body: { identifier: email, password }, headers: asRequest })
  ).body
  await api('POST', '/v1/sessions/refresh', { body: { refreshToken }, headers: asRequest })
  await api('POST', '/v1/sessions/refresh', { body: { refreshToken: `${refreshToken}x` } })
  await api('GET', `/v1/me?access_token=${accessToken}`, { token: `${accessToken}x` })
  const newPassword = canary('new password')
  await api('PUT', '/v1/me/password', { token: accessToken, body: { currentPassword: canary('guess'), newPassword } })
  await api('PUT', '/v1/me/password', { token: accessToken, body: { currentPassword: password, newPassword } })
  return newPassword
}

async function liveCookies(identifier: string, password: string): Promise<string> {
  const body = { identifier, password, cookies: true }
  const answer = await api('POST', '/v1/sessions', { body, headers: SAME_SITE })
  const [access, refresh] = ['latchkey', 'latchkey-refresh'].map((name) => getSetCookie(answer, name).value)
  await api('POST', '/v1/sessions/refresh', { headers: { ...SAME_SITE, cookie: `latchkey-refresh=${refresh}` } })
  await api('GET', '/v1/me', { headers: { cookie: `latchkey=${access}; latchkey=${canary('cookie')}` } })
  return access ?? ''
}

async function liveFactor(token: string, identifier: string, password: string): Promise<void> {
  const { secret } = (await api('POST', '/v1/me/totp', { token })).body
  await api('POST', '/v1/me/totp/confirm', { token, body: { code: readAuthenticator(secret) } })
  const code = readAuthenticator(secret, 1)
  await api('POST', '/v1/sessions', { body: { identifier, password, code } })
}

async function liveReset(own: Api, { mails }: MailServer, email: string): Promise<void> {
  await own('POST', '/v1/password-resets', { body: { email } })
  const find = async () => mails.findLast(({ to, subject }) => to === email && /password/i.test(subject))?.text
  const text = await eventually(find, (found) => found !== undefined)
  const path = /\/v1\/password-resets\/(\S+)/.exec(text ?? '')
  leaks.remember(path?.[1])
  for (const _ of [1, 2]) await own('PUT', path?.[0] ?? '', { body: { newPassword: canary('password by mail') } })
}

const email = newEmail()
const password = await livePassword(email)
await liveFactor(await liveCookies(email, password), email, password)
await liveReset(api, mail, email)
await redis.kill()
await api('POST', '/v1/sessions', { body: { identifier: newEmail(), password } })
await api('POST', '/v1/users', { body: { email: newEmail(), password } })
const metrics = await Promise.all(
  SERVICES.map(async (service) => (await createApi(services[service].url)('GET', '/metrics')).body)
)
await Promise.all(SERVICES.map((service) => services[service].stop()))

test('what was lived through has left traces in every log', async (t) => {
  for (const service of SERVICES) t.ok(services[service].lines.length > 10, service)
  t.ok(SERVICES.some((service) => services[service].lines.some((line) => line.includes('"level":"debug"'))))
  t.ok(mail.mails.length > 0)
})

test('one id of a request is in the lines of every service that had a part in it', async (t) => {
  for (const service of SERVICES) {
    const named = services[service].lines.filter((line) => line.includes(`"requestId":"${REQUEST_ID}"`))
    t.ok(named.length > 0, service)
  }
})

test('no secret is in any line of any service, at the lowest level, nor in its metrics', async (t) => {
  for (const line of [...SERVICES.flatMap((service) => services[service].lines), ...metrics]) leaks.write(line)
  t.strictSame(leaks.listLeaks(), [])
})

test('the check finds what it is to find', async (t) => {
  const check = createLeakCheck()
  check.remember(canary('password'))
  for (const line of [
    `{"msg":"${canary('password')}"}`,
    '{"url":"redis://x:y@127.0.0.1:1"}',
    `"eyJ${'a'.repeat(40)}"`
  ]) {
    check.write(line)
  }
  check.write('{"msg":"listening"}')
  t.equal(check.listLeaks().length, 3)
})

test('the logs of a platform are looked through when it has ended', async (t) => {
  const folder = t.testdir({ 'auth-1.log': `{"msg":"ready"}\n{"msg":"the first ${PASSWORD_MARK} somebody"}\n` })
  const check = createLeakCheck()
  check.remember(PASSWORD_MARK)
  const scope = createScope()
  watchLogs(scope, folder, check)
  await t.rejects(scope.release(), /a secret is in the log of auth-1/)
})
