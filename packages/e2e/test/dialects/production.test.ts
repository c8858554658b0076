import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import process from 'node:process'
import { promisify } from 'node:util'
import { t as root, test } from 'tap'
import { getSetCookie, isCleared, listSetCookies, type SetCookie } from '../../src/cookies.ts'
import { nodeArguments } from '../../src/environment.ts'
import { type Api, createApi } from '../../src/http.ts'
import { newEmail, PASSWORD, register } from '../../src/people.ts'
import { startService } from '../../src/processes.ts'
import { startStack } from '../../src/stack.ts'
import { newMobile, newUsername, registerJohn, SECRET } from './people.ts'

const SERVICE_KEY = randomBytes(32).toString('hex')

const { environment } = await startStack(root)
const production = { ...environment, NODE_ENV: 'production', PUBLIC_URL: 'https://id.example.com' }
const startGateway = async (overrides: Record<string, string> = {}): Promise<Api> =>
  createApi((await startService(root, 'gateway', { ...production, ...overrides })).url)
const [bare, keyed, single] = await Promise.all([
  startGateway(),
  startGateway({ DIALECTS: 'all', SERVICE_KEY }),
  startGateway({ DIALECTS: 'credentials' })
])

test('none is served unless asked for', async (t) => {
  const calls = [
    ['POST', '/api/login'],
    ['GET', '/api/activity'],
    ['POST', '/createUser'],
    ['GET', '/user/9012345678'],
    ['POST', '/invalidateSession'],
    ['POST', '/users/register'],
    ['GET', '/users/profile'],
    ['POST', '/api/v1/auth/login'],
    ['POST', '/register'],
    ['POST', '/login']
  ] as const
  for (const [method, path] of calls) {
    const answer = await bare(method, path, method === 'POST' ? { body: {} } : {})
    t.match(answer.body, { status: 404, code: 'not_found' }, path)
  }
  t.equal((await register(bare)).status, 201)
})

test('dialect 1 answers whoever has the service key, and nobody else', async (t) => {
  const mobile = newMobile()
  const person = { mobile, username: 'SavingsBank' }
  const calls = [
    ['POST', '/createUser', person, 201],
    ['GET', `/user/${mobile}`, undefined, 200],
    ['POST', '/login', person, 200],
    ['POST', '/invalidateSession', { sessionKey: 'x' }, 404]
  ] as const
  const wrong = [
    '',
    'Bearer',
    'Bearer wrong',
    `Bearer ${SERVICE_KEY}x`,
    `Bearer ${SERVICE_KEY.slice(1)}`,
    `Bearer ${SERVICE_KEY.toUpperCase()}`,
    `Basic ${SERVICE_KEY}`,
    SERVICE_KEY,
    `Bearer ${(await registerJohn(keyed, newEmail())).body.token}`
  ]
  for (const [method, path, body, accepted] of calls) {
    const withBody = body === undefined ? {} : { body }
    for (const headers of [{}, ...wrong.map((authorization) => ({ authorization }))]) {
      const answer = await keyed(method, path, { ...withBody, headers })
      t.equal(answer.status, 401, `${path} ${JSON.stringify(headers)}`)
      t.strictSame(answer.body, { message: 'Unauthorized' })
    }
    t.equal((await keyed(method, path, { ...withBody, token: SERVICE_KEY })).status, accepted, path)
  }
  for (const path of ['/createUser', '/invalidateSession']) {
    t.equal((await keyed('POST', path, { body: {} })).status, 401, 'before the body is looked at')
  }
  for (const path of ['/v1/me', '/api/activity', '/users/profile']) {
    t.equal((await keyed('GET', path, { token: SERVICE_KEY })).status, 401, 'the key opens nothing else')
  }
})

test('the key is asked of dialect 1 alone', async (t) => {
  const body = { username: newUsername(), password: SECRET }
  t.equal((await keyed('POST', '/register', { body })).status, 201)
  t.equal((await keyed('POST', '/login', { body })).status, 200)
})

test('cookies travel over https alone', async (t) => {
  const email = newEmail()
  const secure = (attributes: readonly string[]) => attributes.includes('secure')
  t.ok(secure(getSetCookie(await registerJohn(keyed, email), 'token').attributes))
  const split = await keyed('POST', '/api/v1/auth/login', { body: { email, password: SECRET } })
  for (const name of ['login_info', 'secure']) t.ok(secure(getSetCookie(split, name).attributes), name)
})

/** The attributes but for how long it is kept. */
const placeOf = ({ name, attributes }: SetCookie) => [
  name,
  ...attributes.filter((attribute) => !/^(?:max-age|expires)=/.test(attribute)).toSorted()
]

test('every cookie is one that browsers keep, and is deleted by the attributes it was set with', async (t) => {
  const MOST_BYTES = 4096
  const headers = { origin: production.PUBLIC_URL }
  const [email, other] = [newEmail(), newEmail()]
  await register(keyed, email)
  const signedIn = await keyed('POST', '/v1/sessions', {
    body: { identifier: email, password: PASSWORD, cookies: true },
    headers
  })
  const john = await registerJohn(keyed, other)
  const split = await keyed('POST', '/api/v1/auth/login', { body: { email: other, password: SECRET } })
  const lines = [signedIn, john, split].flatMap((answer) => answer.headers.getSetCookie())
  t.equal(lines.length, 6)
  for (const line of lines) t.ok(Buffer.byteLength(line) < MOST_BYTES, `${line.split('=', 1)}: ${line.length}`)

  const access = getSetCookie(signedIn, '__Host-latchkey')
  const refresh = getSetCookie(signedIn, '__Secure-latchkey-refresh')
  const cookie = `${access.name}=${access.value}`
  const out = await keyed('DELETE', '/v1/sessions/current', { headers: { ...headers, cookie } })
  t.equal(out.status, 204)
  const cleared = listSetCookies(out)
  t.ok(cleared.every(isCleared))
  t.same(cleared.map(placeOf), [access, refresh].map(placeOf))
  t.same(cleared.map(placeOf), [
    ['__Host-latchkey', 'httponly', 'path=/', 'samesite=lax', 'secure'],
    ['__Secure-latchkey-refresh', 'httponly', 'path=/v1/sessions/refresh', 'samesite=lax', 'secure']
  ])
  t.notOk(out.headers.has('clear-site-data'))

  const token = getSetCookie(john, 'token')
  const left = await keyed('POST', '/users/logout', { headers: { cookie: `token=${token.value}` } })
  t.same(placeOf(getSetCookie(left, 'token')), placeOf(token))
  t.ok(isCleared(getSetCookie(left, 'token')))
})

test('a list serves what it names, and no more', async (t) => {
  const body = { username: newUsername(), password: SECRET }
  t.equal((await single('POST', '/register', { body })).status, 201)
  t.equal((await single('POST', '/login', { body })).status, 200)
  const byMobile = await single('POST', '/login', { body: { mobile: newMobile(), username: 'SavingsBank' } })
  t.equal(byMobile.status, 400)
  t.strictSame(byMobile.body, { message: 'Missing parameters' })
  for (const path of ['/createUser', '/api/login', '/users/login', '/api/v1/auth/login']) {
    t.equal((await single('POST', path, { body: {} })).status, 404, path)
  }
})

test('a gateway that would leave dialect 1 open does not start, nor one asked for an unknown one', async (t) => {
  const refused = async (overrides: Record<string, string>, variable: string) => {
    const env = { ...production, ...overrides }
    const running = promisify(execFile)(process.execPath, nodeArguments('gateway'), { env, timeout: 20_000 })
    const ending = await running.then(
      () => ({ code: 0, stderr: '' }),
      ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr })
    )
    t.ok(Number(ending.code) > 0, `ends by itself, with a failure: ${ending.code}`)
    t.equal(ending.stderr.trim().split('\n').length, 1, ending.stderr)
    t.match(ending.stderr, variable)
  }
  await Promise.all([
    refused({ DIALECTS: 'all' }, 'SERVICE_KEY'),
    refused({ DIALECTS: 'users,device-sessions' }, 'SERVICE_KEY'),
    refused({ DIALECTS: 'device-sessions', SERVICE_KEY: 'changeme' }, 'SERVICE_KEY'),
    refused({ DIALECTS: 'users,nonsense' }, 'DIALECTS')
  ])
})
