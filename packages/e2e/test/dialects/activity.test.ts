import { t as root, test } from 'tap'
import { newEmail } from '../../src/people.ts'
import { startStack } from '../../src/stack.ts'
import { listBadAuthorizations, splitToken } from '../../src/tokens.ts'
import { testInput } from './input.ts'
import { emailDoors, registerJohn, SECRET } from './people.ts'
import { readMessageOrError } from './refusals.ts'

const MISSING = { error: 'Email and password are required' }

const notAddresses = [
  'user',
  'user@',
  '@example.com',
  'user@example',
  'user name@example.com',
  'user@example..com',
  'user@@example.com',
  ' user@example.com',
  'user@example.com\n',
  `${'a'.repeat(250)}@example.com`
]

const { api } = await startStack(root)
const login = (body: unknown) => api('POST', '/api/login', { body })

test('the calls of its document give the documented answers', async (t) => {
  await registerJohn(api, 'user@example.com', 'your_password')
  const answer = await login({ email: 'user@example.com', password: 'your_password' })
  t.equal(answer.status, 200)
  t.match(answer.headers.get('content-type'), 'application/json')
  t.strictSame(Object.keys(answer.body), ['token'])
  t.equal(splitToken(answer.body.token).signature.length > 0, true)

  const activity = await api('GET', '/api/activity', { token: answer.body.token })
  t.equal(activity.status, 200)
  t.strictSame(activity.body, { message: 'unblocked activity' })

  const incomplete = await login({ email: 'user@example.com' })
  t.equal(incomplete.status, 400)
  t.strictSame(incomplete.body, MISSING)
  const malformed = await login({ email: 'user.example.com', password: 'your_password' })
  t.equal(malformed.status, 400)
  t.strictSame(malformed.body, { message: 'Invalid email format' })
  const unknown = await api('GET', '/api/activity')
  t.equal(unknown.status, 401)
  t.strictSame(unknown.body, { message: 'Unauthorized' })
})

test('what is no e-mail address is told so', async (t) => {
  for (const email of notAddresses) {
    const answer = await login({ email, password: SECRET })
    t.equal(answer.status, 400, email)
    t.strictSame(answer.body, { message: 'Invalid email format' }, email)
  }
})

test('a wrong password and an unknown address have one answer', async (t) => {
  const email = newEmail()
  await registerJohn(api, email)
  const tries = [
    { email, password: 'wrong' },
    { email, password: `${SECRET} ` },
    { email, password: SECRET.toUpperCase() },
    { email, password: 'x'.repeat(10_000) },
    { email: newEmail(), password: SECRET }
  ]
  for (const body of tries) {
    const answer = await login(body)
    t.equal(answer.status, 401)
    t.strictSame(answer.body, { message: 'Invalid email or password' })
  }
})

test('addresses and passwords are compared as people write them', async (t) => {
  const email = `j\u00f6rg.${newEmail()}`
  await registerJohn(api, email, 'p\u00e4ssw\u00f6rd \u{1f511}')
  const nfd = 'p\u00e4ssw\u00f6rd \u{1f511}'.normalize('NFD')
  t.equal((await login({ email: email.toUpperCase().normalize('NFD'), password: nfd })).status, 200)
})

test('nobody is let in without a token that was handed out', async (t) => {
  const email = newEmail()
  await registerJohn(api, email)
  const token = await emailDoors.activity(api, email)
  for (const authorization of ['', ...listBadAuthorizations(token)]) {
    const answer = await api('GET', '/api/activity', { headers: { authorization } })
    t.equal(answer.status, 401, authorization)
    t.strictSame(answer.body, { message: 'Unauthorized' }, authorization)
  }
  t.equal((await api('GET', '/api/activity', { headers: { authorization: `bearer ${token}` } })).status, 200)
  t.equal((await api('GET', '/api/activity', { headers: { cookie: `token=${token}` } })).status, 401)

  t.equal((await api('DELETE', '/v1/sessions/current', { token })).status, 204)
  const revoked = await api('GET', '/api/activity', { token })
  t.equal(revoked.status, 401)
  t.strictSame(revoked.body, { message: 'Unauthorized' })
})

testInput(api, {
  path: '/api/login',
  prepare: async () => {
    const email = newEmail()
    await registerJohn(api, email)
    return () => ({ email, password: SECRET })
  },
  accepted: 200,
  required: { email: MISSING, password: MISSING },
  readRefusal: readMessageOrError
})
