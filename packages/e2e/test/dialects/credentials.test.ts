import { t as root, test } from 'tap'
import { startStack } from '../../src/stack.ts'
import { testInput } from './input.ts'
import { authenticatedRoutes, newMobile, newUsername, SECRET } from './people.ts'
import { readMessage } from './refusals.ts'

const MISSING = { message: 'Missing parameters' }
const TAKEN = { message: 'Username already exists' }

const { api } = await startStack(root)
const register = (username: unknown, password: unknown = SECRET) =>
  api('POST', '/register', { body: { username, password } })
const login = (username: unknown, password: unknown = SECRET) => api('POST', '/login', { body: { username, password } })

test('the calls of its document give the documented answers', async (t) => {
  const registered = await register('newuser', 'newpassword')
  t.equal(registered.status, 201)
  t.strictSame(registered.body, { message: 'User registered successfully', user_id: 1 })
  t.strictSame((await register('testuser', 'testpassword')).body, { ...registered.body, user_id: 2 })

  const signedIn = await login('testuser', 'testpassword')
  t.equal(signedIn.status, 200)
  t.strictSame(signedIn.body, { user_id: 2 })
  t.match(signedIn.headers.get('authorization'), /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/)

  const wrong = await login('testuser', 'wrong')
  t.equal(wrong.status, 401)
  t.strictSame(wrong.body, { message: 'Invalid credentials' })
  t.equal(wrong.headers.get('authorization'), null)
  const incomplete = await login('testuser', null)
  t.equal(incomplete.status, 400)
  t.strictSame(incomplete.body, MISSING)
  const taken = await register('newuser', 'newpassword')
  t.equal(taken.status, 400)
  t.strictSame(taken.body, TAKEN)
})

test('the token opens every authenticated route', async (t) => {
  const username = newUsername()
  const { user_id } = (await register(username)).body
  const token = (await login(username)).headers.get('authorization')?.slice('Bearer '.length) ?? ''
  for (const { path } of authenticatedRoutes) t.equal((await api('GET', path, { token })).status, 200, path)
  t.match((await api('GET', '/v1/me', { token })).body, { username, number: user_id })
})

test('a username is taken whatever its letter case, and signs in in any', async (t) => {
  const username = newUsername()
  const { user_id } = (await register(username)).body
  const again = await register(username.toUpperCase())
  t.equal(again.status, 400)
  t.strictSame(again.body, TAKEN)
  t.strictSame((await login(username.toUpperCase())).body, { user_id })
})

test('a username has at most fifty characters of any script', async (t) => {
  const stem = newUsername()
  const longest = stem.padEnd(50, 'x')
  t.equal((await register(longest)).status, 201)
  t.equal((await login(longest)).status, 200)
  const tooLong = await register(`${longest}x`)
  t.equal(tooLong.status, 400)
  t.strictSame(tooLong.body, { message: 'Username must be at most 50 characters long' })

  const unicode = `${stem} \u00fcn\u00efcode \u7528\u6237 ${'\u{1f511}'.repeat(21)}`
  t.equal([...unicode].length, 50)
  t.equal((await register(unicode)).status, 201, 'counted in characters')
  t.equal((await login(unicode)).status, 200)
  t.equal((await register('u')).status, 201, 'one is enough')
})

test('a password has at least six characters', async (t) => {
  for (const password of ['12345', '\u{1f511}'.repeat(5)]) {
    const answer = await register(newUsername(), password)
    t.equal(answer.status, 400)
    t.strictSame(answer.body, { message: 'Password must be at least 6 characters long' })
  }
  const username = newUsername()
  t.equal((await register(username, '123456')).status, 201, 'however common')
  t.equal((await login(username, '123456')).status, 200)
  const overlong = await register(newUsername(), 'x'.repeat(5000))
  t.equal(overlong.status, 400)
  t.type(readMessage(overlong), 'string')
})

test('a wrong password and an unknown username have one answer', async (t) => {
  const username = newUsername()
  await register(username)
  for (const [name, password] of [
    [username, 'secret124'],
    [username, 'x'.repeat(10_000)],
    [newUsername(), SECRET],
    ['n'.repeat(500), SECRET]
  ]) {
    const answer = await login(name, password)
    t.equal(answer.status, 401)
    t.strictSame(answer.body, { message: 'Invalid credentials' })
  }
})

test('a login with a mobile is of dialect 1', async (t) => {
  const [mobile, username] = [newMobile(), 'SavingsBank']
  const post = (body: object) => api('POST', '/login', { body })
  await api('POST', '/createUser', { body: { mobile, username } })
  for (const body of [{ mobile }, { mobile, username: '' }, { mobile, username: 5 }, { mobile: '', username }]) {
    const answer = await post(body)
    t.equal(answer.status, 400)
    t.strictSame(answer.body, { message: 'mobile and username are required' })
  }
  for (const text of ['\u0000', '\ud800']) {
    const answer = await post({ mobile, username: text })
    t.equal(answer.status, 400)
    t.type(readMessage(answer), 'string')
  }
  const answer = await post({ mobile, username, password: 'ignored', role: 'admin' })
  t.equal(answer.status, 200)
})

testInput(api, {
  path: '/register',
  prepare: async () => () => ({ username: newUsername(), password: SECRET }),
  accepted: 201,
  required: { username: MISSING, password: MISSING },
  readRefusal: readMessage
})
testInput(api, {
  path: '/login',
  prepare: async () => {
    const username = newUsername()
    await register(username)
    return () => ({ username, password: SECRET })
  },
  accepted: 200,
  required: { username: MISSING, password: MISSING },
  readRefusal: readMessage
})
