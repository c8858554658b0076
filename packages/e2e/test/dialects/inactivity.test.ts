import { t as root, test } from 'tap'
import { eventually, newEmail } from '../../src/people.ts'
import { startStack } from '../../src/stack.ts'
import { authenticatedRoutes, cookiesOf, emailDoors, newMobile, registerJohn, SECRET } from './people.ts'

const BLOCKED = { message: 'User is blocked' }

// Two seconds of silence block for three.
const { api } = await startStack(root, { USER_ACTIVITY_EXPIRATION: '2', USER_BLOCKING: '0.05' })
const register = async (email = newEmail()) => ({ email, token: (await registerJohn(api, email)).body.token })
const getActivity = (token: string) => api('GET', '/api/activity', { token })
const login = (email: string, password = SECRET) => api('POST', '/api/login', { body: { email, password } })
const silence = async (...tokens: string[]) => {
  const states = await Promise.all(tokens.map((token) => api('GET', '/v1/me/activity', { token })))
  const end = Math.max(...states.map(({ body }) => Date.parse(body.status.activeUntil)))
  await eventually(
    async () => Date.now(),
    (now) => now > end + 50
  )
}

test('a silent user is blocked at the next request, and free again after a while', async (t) => {
  const { email, token } = await register()
  const mobile = newMobile()
  await api('PATCH', '/v1/me', { token, body: { mobile } })
  const returning = await register()
  await silence(token, returning.token)

  t.equal((await login(returning.email)).status, 200, 'nothing of theirs was refused yet: a new window')
  t.equal((await getActivity(returning.token)).status, 200)

  const blocked = await getActivity(token)
  t.equal(blocked.status, 403)
  t.strictSame(blocked.body, BLOCKED)
  t.match(blocked.headers.get('retry-after'), /^[123]$/)
  const until = async () => (await api('GET', '/v1/sessions/current', { token })).body.blockedUntil
  const blockedUntil = await until()

  await t.test('every door says so, in its words', async (t) => {
    const credentials = { email, password: SECRET }
    const refusals = await Promise.all([
      login(email),
      api('GET', '/users/profile', { token }),
      api('POST', '/users/logout', { token }),
      api('POST', '/users/login', { body: credentials }),
      api('POST', '/login', { body: { mobile, username: 'John' } }),
      api('GET', '/api/v1/auth/user', { headers: cookiesOf(token) }),
      api('GET', '/api/v1/auth/user/active-sessions', { token }),
      api('POST', '/api/v1/auth/login', { body: credentials })
    ])
    for (const [index, { status, headers, body }] of refusals.entries()) {
      t.equal(status, 403, String(index))
      t.strictSame(body, index < 5 ? BLOCKED : { success: false, ...BLOCKED }, String(index))
      t.match(headers.get('retry-after'), /^[123]$/)
    }
    const wrong = await login(email, `${SECRET}?`)
    t.equal(wrong.status, 401, 'only who knows the password is told of the block')
    t.strictSame(wrong.body, { message: 'Invalid email or password' })
    t.equal(wrong.headers.get('retry-after'), null)
  })

  t.equal(await until(), blockedUntil, 'asking does not prolong it')
  const free = await eventually(
    () => getActivity(token),
    ({ status }) => status === 200
  )
  t.equal(free.status, 200)
  t.strictSame(free.body, { message: 'unblocked activity' })
  t.ok(Date.now() >= Date.parse(blockedUntil))
  t.equal((await login(email)).status, 200)
})

test('a request through any route is activity', async (t) => {
  const { email, token } = await register()
  const session = await emailDoors['split-token'](api, email)
  const { status } = (await api('GET', '/v1/me/activity', { token })).body
  const statuses = new Set<number>()
  let round = 0
  const askNext = async () => {
    const { path } = authenticatedRoutes[round % authenticatedRoutes.length] ?? authenticatedRoutes[0]
    statuses.add((await api('GET', path, { token: round % 2 === 0 ? token : session })).status)
    round += 1
    return Date.now()
  }
  await eventually(askNext, (now) => now > Date.parse(status.activeUntil) + 500)
  t.strictSame([...statuses], [200])
  t.equal((await getActivity(token)).status, 200)
})

test('a user of dialect 4 is blocked alike', async (t) => {
  const body = { username: `idle-${newMobile()}`, password: SECRET }
  await api('POST', '/register', { body })
  const token = (await api('POST', '/login', { body })).headers.get('authorization')?.slice('Bearer '.length) ?? ''
  await silence(token)
  t.equal((await getActivity(token)).status, 403)
  const refused = await api('POST', '/login', { body })
  t.equal(refused.status, 403)
  t.strictSame(refused.body, BLOCKED)
  t.match(refused.headers.get('retry-after'), /^[123]$/)
})
