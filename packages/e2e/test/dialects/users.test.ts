import { t as root, test } from 'tap'
import { getSetCookie, listSetCookies } from '../../src/cookies.ts'
import { newEmail } from '../../src/people.ts'
import { startStack } from '../../src/stack.ts'
import { decodePart, splitToken } from '../../src/tokens.ts'
import { testInput } from './input.ts'
import { registerJohn, SECRET } from './people.ts'
import { readFirstError } from './refusals.ts'

const WRONG = { message: 'Invalid email or password' }

/** The documented entry of each field, in the order of the fields. */
const faults = {
  'fullname.firstname': 'First name must be at least 3 characters long',
  'fullname.lastname': 'Last name must be at least 3 characters long',
  email: 'Invalid email format',
  password: 'Password must be at least 6 characters long'
} as const
type Field = keyof typeof faults

function errorsOf(...fields: Field[]) {
  return { errors: fields.map((param) => ({ msg: faults[param], param, location: 'body' })) }
}

const { api } = await startStack(root)
const createJohn = (email = newEmail()) => ({
  fullname: { firstname: 'John', lastname: 'Doe' },
  email,
  password: SECRET
})
const register = (body: unknown) => api('POST', '/users/register', { body })
const login = (body: unknown) => api('POST', '/users/login', { body })
const profile = (headers: Record<string, string>) => api('GET', '/users/profile', { headers })

test('the calls of its document give the documented answers', async (t) => {
  const john = { fullname: { firstname: 'John', lastname: 'Doe' }, email: 'john@example.com' }
  const registered = await register({ ...john, password: 'secret123' })
  t.equal(registered.status, 201)
  t.strictSame(Object.keys(registered.body), ['token', 'user'])
  const { _id } = registered.body.user
  t.type(_id, 'string')
  t.strictSame(registered.body.user, { _id, ...john })
  t.strictSame(Object.keys(registered.body.user), ['_id', 'fullname', 'email'])

  const signedIn = await login({ email: 'john@example.com', password: 'secret123' })
  t.equal(signedIn.status, 200)
  t.strictSame(Object.keys(signedIn.body), ['token', 'user'])
  t.strictSame(signedIn.body.user, { _id, ...john })
  t.equal(decodePart(splitToken(signedIn.body.token).payload).sub, _id, 'signed with the _id')

  const { token } = signedIn.body
  for (const headers of [{ cookie: `token=${token}` }, { authorization: `Bearer ${token}` }]) {
    const shown = await profile(headers)
    t.equal(shown.status, 200)
    t.strictSame(shown.body, { _id, ...john })
  }
  const loggedOut = await api('POST', '/users/logout', { headers: { cookie: `token=${token}` } })
  t.equal(loggedOut.status, 200)
  t.strictSame(loggedOut.body, { message: 'Logged Out' })

  const short = await register({ ...john, fullname: { firstname: 'Jo', lastname: 'Doe' }, password: 'secret123' })
  t.equal(short.status, 400)
  t.strictSame(short.body, errorsOf('fullname.firstname'))
  const noAddress = await login({ email: 'john', password: 'secret123' })
  t.equal(noAddress.status, 400)
  t.strictSame(noAddress.body, errorsOf('email'))
  const wrong = await login({ email: 'john@example.com', password: 'secret124' })
  t.equal(wrong.status, 401)
  t.strictSame(wrong.body, WRONG)
})

test('register and login set the token as a cookie, out of reach of scripts and other sites', async (t) => {
  const email = newEmail()
  for (const answer of [await register(createJohn(email)), await login({ email, password: SECRET })]) {
    const { value, attributes } = getSetCookie(answer, 'token')
    t.equal(value, answer.body.token)
    for (const attribute of ['httponly', 'samesite=lax', 'path=/']) t.ok(attributes.includes(attribute), attribute)
    t.notOk(attributes.includes('secure'), 'the site is not https here')
    t.equal(listSetCookies(answer).length, 1)
  }
  t.strictSame(listSetCookies(await login({ email, password: 'secret124' })), [])
})

test('each failing field has its entry, in the order of the fields', async (t) => {
  t.strictSame((await register({})).body, errorsOf('fullname.firstname', 'fullname.lastname', 'email', 'password'))
  for (const fullname of [undefined, null, 'John Doe', 5, [], {}]) {
    const answer = await register({ ...createJohn(), fullname })
    t.equal(answer.status, 400)
    t.strictSame(answer.body, errorsOf('fullname.firstname', 'fullname.lastname'))
  }
  const mixed = await register({ password: '12345', email: 'x', fullname: { lastname: 'Do', firstname: 'John' } })
  t.strictSame(mixed.body, errorsOf('fullname.lastname', 'email', 'password'))
  t.strictSame((await login({ password: 5 })).body, errorsOf('email', 'password'))
  t.strictSame((await login({ email: newEmail(), password: '12345' })).body, errorsOf('password'))
})

test('lengths are counted in characters', async (t) => {
  const astral = { firstname: '\u{1d4a5}\u{1d4a5}', lastname: 'Do\u00eb' }
  t.strictSame((await register({ ...createJohn(), fullname: astral })).body, errorsOf('fullname.firstname'))
  const keys = { ...createJohn(), password: '\u{1f511}'.repeat(5) }
  t.strictSame((await register(keys)).body, errorsOf('password'))
  const fullname = { firstname: 'Zo\u00eb', lastname: '\u5f35\u5049\u660e' }
  const unicode = { fullname, email: `j\u00f6rg.${newEmail()}`, password: '\u{1f511}'.repeat(6) }
  const answer = await register(unicode)
  t.equal(answer.status, 201)
  t.strictSame(answer.body.user.fullname, fullname)
  t.equal(answer.body.user.email, unicode.email)
  t.equal((await login(unicode)).status, 200)
})

test('what is too long to keep is refused by its field', async (t) => {
  const long = 'x'.repeat(5000)
  const bodies: readonly (readonly [Field, object])[] = [
    ['fullname.firstname', { fullname: { firstname: long, lastname: 'Doe' } }],
    ['fullname.lastname', { fullname: { firstname: 'John', lastname: long } }],
    ['email', { email: `${long}@example.com` }],
    ['password', { password: long }]
  ]
  for (const [field, change] of bodies) {
    const answer = await register({ ...createJohn(), ...change })
    t.equal(answer.status, 400, field)
    t.type(readFirstError(answer), 'string')
    t.equal(answer.body.errors[0].param, field)
  }
})

test('an address is registered once, however it is written', async (t) => {
  const email = newEmail()
  t.equal((await register(createJohn(email))).status, 201)
  for (const again of [email, email.toUpperCase()]) {
    const answer = await register(createJohn(again))
    t.equal(answer.status, 400)
    t.strictSame(answer.body, { errors: [{ msg: 'Email is already registered', param: 'email', location: 'body' }] })
    t.strictSame(listSetCookies(answer), [])
  }
})

test('a wrong password and an unknown address have one answer', async (t) => {
  const email = newEmail()
  await register(createJohn(email))
  for (const body of [{ email, password: 'secret124' }, createJohn(), { email, password: 'x'.repeat(10_000) }]) {
    const answer = await login(body)
    t.equal(answer.status, 401)
    t.strictSame(answer.body, WRONG)
  }
})

testInput(api, {
  path: '/users/register',
  prepare: async () => createJohn,
  accepted: 201,
  required: {
    'fullname.firstname': errorsOf('fullname.firstname'),
    'fullname.lastname': errorsOf('fullname.lastname'),
    email: errorsOf('email'),
    password: errorsOf('password')
  },
  readRefusal: readFirstError
})
testInput(api, {
  path: '/users/login',
  prepare: async () => {
    const email = newEmail()
    await registerJohn(api, email)
    return () => ({ email, password: SECRET })
  },
  accepted: 200,
  required: { email: errorsOf('email'), password: errorsOf('password') },
  readRefusal: readFirstError
})
