import { t as root, test } from 'tap'
import type { Answer } from '../../src/http.ts'
import { startStack } from '../../src/stack.ts'
import { testInput } from './input.ts'
import { type DeviceSession, newMobile, newUsername } from './people.ts'
import { readMessage } from './refusals.ts'

const REQUIRED = { message: 'mobile and username are required' }
const NOT_FOUND = { message: 'User not found' }
const CONCURRENT = 'There is already a session up and running. Please log out and log in again.'
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const LOOPBACK = /^(::ffff:)?127\.0\.0\.1$/

const { api } = await startStack(root)
const post = (path: string, body: unknown, userAgent = 'Thunder Client') =>
  api('POST', path, { body, headers: { 'user-agent': userAgent } })
const createUser = async () => {
  const mobile = newMobile()
  const { user } = (await post('/createUser', { mobile, username: 'SavingsBank' })).body
  return { mobile, username: 'SavingsBank', sessionKey: user.activeSession as string }
}
const validity = (sessions: readonly DeviceSession[]) => sessions.map(({ isValid }) => isValid)
const invalidate = (sessionKey: unknown) => post('/invalidateSession', { sessionKey })

test('the calls of its document give the documented answers', async (t) => {
  const created = await post('/createUser', { mobile: '9012345678', username: 'SavingsBank' })
  t.equal(created.status, 201)
  t.strictSame(Object.keys(created.body), ['message', 'user'])
  t.equal(created.body.message, 'User created successfully')
  const first = created.body.user.activeSession
  t.strictSame(Object.keys(created.body.user), ['mobile', 'user_name', 'activeSession', 'sessions'])
  const [opened] = created.body.user.sessions
  t.strictSame(Object.keys(opened), ['sessionKey', 'userAgent', 'ipAddress', 'isValid', 'createdAt'])
  t.match(opened.ipAddress, LOOPBACK)
  t.match(opened.createdAt, ISO)
  t.strictSame(created.body.user, {
    mobile: '9012345678',
    user_name: 'SavingsBank',
    activeSession: opened.sessionKey,
    sessions: [{ ...opened, userAgent: 'Thunder Client', isValid: true }]
  })

  const device = { userAgent: 'Thunder Client', ipAddress: '::ffff:127.0.0.2' }
  const login = await post('/login', { mobile: '9012345678', username: 'SavingsBank', ...device }, 'node')
  t.equal(login.status, 200)
  t.strictSame(Object.keys(login.body), ['message', 'user'])
  t.equal(login.body.message, CONCURRENT)
  const [, latest] = login.body.user.sessions
  t.strictSame(login.body.user, {
    mobile: '9012345678',
    user_name: 'SavingsBank',
    activeSession: latest.sessionKey,
    sessions: [
      { ...opened, isValid: false },
      { ...latest, ...device, isValid: true }
    ]
  })
  t.not(latest.sessionKey, first)

  const found = await api('GET', '/user/9012345678')
  t.equal(found.status, 200)
  const { mobile: mobile_number, ...rest } = login.body.user
  t.strictSame(found.body, { mobile_number, ...rest })
  t.strictSame(Object.keys(found.body), ['mobile_number', 'user_name', 'activeSession', 'sessions'])

  const invalidated = await invalidate(first)
  t.equal(invalidated.status, 200)
  t.strictSame(invalidated.body, { message: 'Session invalidated successfully.', user: login.body.user })
})

test('ended sessions stay listed, oldest first, and at most one is live', async (t) => {
  const { mobile, username, sessionKey } = await createUser()
  const login = (userAgent: string) => post('/login', { mobile, username, userAgent })
  const keys = [sessionKey]
  for (const agent of ['phone', 'tablet', 'watch']) {
    const { user } = (await login(agent)).body
    keys.push(user.activeSession)
    t.strictSame(
      user.sessions.map((session: DeviceSession) => session.sessionKey),
      keys
    )
    t.strictSame(validity(user.sessions), [...keys.slice(1).map(() => false), true])
  }
  const ended = await invalidate(keys.at(-1))
  t.equal(ended.body.user.activeSession, null)
  t.strictSame(validity(ended.body.user.sessions), [false, false, false, false])
  t.strictSame((await invalidate(keys.at(-1))).body, ended.body, 'again')

  const anew = await login('phone')
  t.equal(anew.body.message, 'Login successful', 'none was live')
  t.strictSame(validity(anew.body.user.sessions), [false, false, false, false, true])
  t.strictSame(
    anew.body.user.sessions.map(({ userAgent }: DeviceSession) => userAgent),
    ['Thunder Client', 'phone', 'tablet', 'watch', 'phone']
  )
})

test('a mobile number is 7 to 15 digits, known with and without its plus, shown as first given', async (t) => {
  for (const mobile of ['123456', '1234567890123456', '++4915112345678', '49151 1234567', '49a1234567', '٠١٢٣٤٥٦٧٨٩']) {
    const answer = await post('/createUser', { mobile, username: 'SavingsBank' })
    t.equal(answer.status, 400, mobile)
    t.strictSame(answer.body, { message: 'Invalid mobile number' }, mobile)
  }
  for (const mobile of [newMobile().slice(0, 7), `${newMobile()}000`]) {
    t.equal((await post('/createUser', { mobile, username: 'SavingsBank' })).status, 201, mobile)
  }
  const digits = newMobile()
  const { user } = (await post('/createUser', { mobile: `+${digits}`, username: 'Zo\u00eb \u7528\u6237' })).body
  t.match(user, { mobile: `+${digits}`, user_name: 'Zo\u00eb \u7528\u6237' })
  for (const given of [digits, `+${digits}`, `%2B${digits}`]) {
    const found = await api('GET', `/user/${given}`)
    t.equal(found.status, 200, given)
    t.equal(found.body.mobile_number, `+${digits}`)
  }
  for (const mobile of [digits, `+${digits}`]) {
    const taken = await post('/createUser', { mobile, username: 'Another' })
    t.equal(taken.status, 409)
    t.strictSame(taken.body, { message: 'User already exists' })
    t.equal((await post('/login', { mobile, username: 'Zo\u00eb \u7528\u6237' })).status, 200)
  }
})

test('names need not be unique, and have to match', async (t) => {
  const { mobile, sessionKey } = await createUser()
  await createUser()
  const other = await post('/login', { mobile, username: 'CurrentAccount' })
  t.equal(other.status, 401)
  t.strictSame(other.body, { message: 'Invalid credentials' })
  const unknown = await post('/login', { mobile: newMobile(), username: 'SavingsBank' })
  t.equal(unknown.status, 404)
  t.strictSame(unknown.body, NOT_FOUND)
  t.equal((await api('GET', `/user/${mobile}`)).body.activeSession, sessionKey, 'neither ended anything')
})

test('the device of a login is the one in its body, else the one that connects', async (t) => {
  const { mobile, username } = await createUser()
  const latest = ({ body }: Answer): DeviceSession => body.user.sessions.at(-1)
  const login = async (device: object) => latest(await post('/login', { mobile, username, ...device }, 'agent/1'))
  t.match(await login({}), { userAgent: 'agent/1', ipAddress: LOOPBACK })
  t.match(await login({ ipAddress: '203.0.113.7' }), { userAgent: 'agent/1', ipAddress: '203.0.113.7' })
  t.match(await login({ ipAddress: '2001:db8::7' }), { userAgent: 'agent/1', ipAddress: '2001:db8::7' })
  t.match(await login({ userAgent: 'kiosk' }), { userAgent: 'kiosk', ipAddress: LOOPBACK })
  for (const wrong of [5, null, {}, ['x'], true]) {
    t.match(await login({ userAgent: wrong, ipAddress: wrong }), { userAgent: 'agent/1', ipAddress: LOOPBACK })
  }
  for (const device of [{ userAgent: 'a'.repeat(10_000) }, { ipAddress: 'x'.repeat(5000) }, { ipAddress: 'here' }]) {
    const answer = await post('/login', { mobile, username, ...device })
    t.ok(answer.status === 200 || (answer.status === 400 && readMessage(answer) !== undefined))
  }
  for (const field of ['userAgent', 'ipAddress']) {
    const answer = await post('/login', { mobile, username, [field]: 'a\u0000b' })
    t.equal(answer.status, 400)
    t.type(readMessage(answer), 'string')
  }
})

test('whom and what it does not know', async (t) => {
  for (const mobile of [newMobile(), 'nobody', '%00', '9'.repeat(60), '%20', "';--"]) {
    const answer = await api('GET', `/user/${mobile}`)
    t.ok(answer.status === 404 || (answer.status === 400 && mobile.startsWith('%')), `${mobile}: ${answer.status}`)
    t.type(readMessage(answer), 'string', mobile)
  }
  t.strictSame((await api('GET', `/user/${newMobile()}`)).body, NOT_FOUND)
  for (const key of ['ce59ee13c39b640a88a224e15eb3b11b', `00${'A'.repeat(32)}`, 'x', '*', 'k'.repeat(5000)]) {
    const answer = await invalidate(key)
    t.equal(answer.status, 404, key.slice(0, 40))
    t.strictSame(answer.body, { message: 'Session not found' })
  }
})

test('no password, hash, token or secret is shown', async (t) => {
  const { mobile, username } = await createUser()
  const { body } = await post('/login', { mobile, username })
  const text = JSON.stringify([body, (await api('GET', `/user/${mobile}`)).body])
  t.notMatch(text, /password|hash|argon2|token|secret|eyJ/i)
  const token = body.user.activeSession
  t.equal((await api('GET', '/v1/sessions/current', { token })).status, 401, 'its key is no credential')
})

testInput(api, {
  path: '/createUser',
  prepare: async () => () => ({ mobile: newMobile(), username: newUsername() }),
  accepted: 201,
  required: { mobile: REQUIRED, username: REQUIRED },
  readRefusal: readMessage
})
testInput(api, {
  path: '/invalidateSession',
  prepare: async () => {
    const { sessionKey } = await createUser()
    return () => ({ sessionKey })
  },
  accepted: 200,
  required: { sessionKey: { message: 'sessionKey is required' } },
  readRefusal: readMessage
})
