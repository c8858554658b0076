import { fail } from '@latchkey/contracts/errors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { CallError, unwrap, unwrapOpened } from '../../errors.ts'
import { PARAMS } from './errors.ts'
import { examples, presentSignedIn, presentUser } from './present.ts'

const credentials = { email: Type.String(), password: Type.String({ minLength: 6 }) }
const john = { email: 'john@example.com', password: 'secret123' }
const Name = Type.String({ minLength: 3 })
const Registration = Type.Object(
  { fullname: Type.Object({ firstname: Name, lastname: Name }), ...credentials },
  { examples: [{ fullname: { firstname: 'John', lastname: 'Doe' }, ...john }] }
)
const Credentials = Type.Object(credentials, { examples: [john] })
const tokenCookies = ['token'] as const

const register = {
  config: {
    access: 'public',
    limit: 'credentials',
    answers: { 201: examples.signedIn },
    errors: ['identifier_taken', 'too_many_attempts']
  },
  schema: { operationId: 'usersRegister', summary: 'Sign up', body: Registration }
} as const

const logIn = {
  config: {
    access: 'public',
    limit: 'credentials',
    answers: { 200: examples.signedIn },
    errors: ['invalid_credentials', 'second_factor_required', 'user_blocked', 'too_many_attempts']
  },
  schema: { operationId: 'usersLogIn', summary: 'Sign in', body: Credentials }
} as const

const showProfile = {
  config: { access: 'user', tokenCookies, answers: { 200: examples.user } },
  schema: { operationId: 'usersShowProfile', summary: 'Own profile' }
} as const

const logOut = {
  config: { access: 'user', tokenCookies, answers: { 200: [{ message: 'Logged Out' }] } },
  schema: { operationId: 'usersLogOut', summary: 'Sign out' }
} as const

export async function userRoutes(app: FastifyInstance): Promise<void> {
  const { auth, session: sessions } = app.services

  app.post('/users/register', register, async (request, reply) => {
    const [firstName, lastName, email, password] = readFields(request, PARAMS)
    const opening = request.lastingOpening
    const identifiers = [{ kind: 'email', value: email } as const]
    const person = { identifiers, password, firstName, lastName, rules: 'legacy', client: opening.client } as const
    const signedIn = unwrapOpened(await auth.register({ ...person, opening }, request.call))
    reply.code(201).setCookie('token', signedIn.tokens.accessToken, app.secretCookie)
    return presentSignedIn(signedIn)
  })

  app.post('/users/login', logIn, async (request, reply) => {
    const [email, password] = readFields(request, ['email', 'password'])
    const identifier = { kind: 'email', value: email } as const
    const signedIn = unwrap(await auth.signIn({ identifier, password, opening: request.lastingOpening }, request.call))
    reply.setCookie('token', signedIn.tokens.accessToken, app.secretCookie)
    return presentSignedIn(signedIn)
  })

  app.get('/users/profile', showProfile, async ({ caller }) => presentUser(caller.user))

  app.post('/users/logout', logOut, async ({ caller: { user, session }, call }, reply) => {
    unwrap(await sessions.end({ userId: user.id, sessionId: session.id, reason: 'signed_out' }, call))
    reply.clearCookie('token', app.secretCookie)
    return { message: 'Logged Out' }
  })
}

type Param = (typeof PARAMS)[number]
const patterns: Readonly<Record<Param, RegExp>> = {
  'fullname.firstname': /^.{3,}$/su,
  'fullname.lastname': /^.{3,}$/su,
  // The least that an address has: whether it is one is for the service to say.
  email: /^[^@\s]+@[^@\s]+\.[^@\s]+$/,
  password: /^.{6,}$/su
}

/** The texts of the parameters, in their order; throws all faults at once. */
function readFields<const P extends readonly Param[]>(request: FastifyRequest, params: P): { [K in keyof P]: string } {
  const values = params.map((param) => request.findText(param) ?? '')
  const faulty = params.filter((param, index) => !patterns[param].test(values[index] ?? ''))
  const errors = faulty.map((field) => ({ field, code: 'not_accepted', message: '' }))
  if (errors.length > 0) throw new CallError(fail('invalid_request', { errors }))
  return values as { [K in keyof P]: string }
}
