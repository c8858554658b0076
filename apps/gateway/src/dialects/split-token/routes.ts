import type { Tokens } from '@latchkey/contracts/tokens'
import type { FastifyInstance, FastifyReply } from 'fastify'
import Type from 'typebox'
import { unwrap, unwrapOpened } from '../../errors.ts'
import { examples, presentActiveSession, presentPerson, presentSignedIn, splitToken } from './present.ts'

const credentials = { email: Type.String(), password: Type.String({ minLength: 6 }) }
const xristos = { email: 'testemail@gmail.com', password: 'rootIsAStrongestPassword' }
const Registration = Type.Object(
  { firstname: Type.String(), lastname: Type.String(), ...credentials },
  { examples: [{ ...xristos, firstname: 'xristos', lastname: 'apatsidis' }] }
)
const Credentials = Type.Object(credentials, { examples: [xristos] })
const bySignedIn = { access: 'user', tokenCookies: ['login_info', 'secure'] } as const

const register = {
  config: {
    access: 'public',
    limit: 'credentials',
    answers: { 200: examples.registered },
    errors: ['identifier_taken', 'too_many_attempts']
  },
  schema: { operationId: 'splitTokenRegister', summary: 'Sign up', body: Registration }
} as const

const logIn = {
  config: {
    access: 'public',
    limit: 'credentials',
    answers: { 200: examples.loggedIn },
    errors: ['invalid_credentials', 'second_factor_required', 'user_blocked', 'too_many_attempts']
  },
  schema: { operationId: 'splitTokenLogIn', summary: 'Sign in', body: Credentials }
} as const

const showUser = {
  config: { ...bySignedIn, answers: { 200: examples.user } },
  schema: { operationId: 'splitTokenShowUser', summary: 'Own profile' }
} as const

const listSessions = {
  config: { ...bySignedIn, limit: 'requests', answers: { 200: examples.activeSessions } },
  schema: { operationId: 'splitTokenListSessions', summary: 'Own live sessions' }
} as const

const logOut = {
  config: { ...bySignedIn, answers: { 200: examples.done }, errors: ['session_not_found'] },
  schema: {
    operationId: 'splitTokenLogOut',
    summary: 'End one of the own sessions',
    params: Type.Object({ id: Type.String() })
  }
} as const

export async function splitTokenRoutes(app: FastifyInstance): Promise<void> {
  const { auth, session: sessions } = app.services

  const setCookies = (reply: FastifyReply, tokens: Tokens): void => {
    const { loginInfo, secure } = splitToken(tokens)
    reply.setCookie('login_info', loginInfo, { ...app.secretCookie, httpOnly: false })
    reply.setCookie('secure', secure, app.secretCookie)
  }

  app.post('/api/v1/auth/register', register, async (request, reply) => {
    const { email, firstname, lastname, password } = request.getTexts('email', 'firstname', 'lastname', 'password')
    const identifiers = [{ kind: 'email', value: email } as const]
    const person = { identifiers, password, firstName: firstname, lastName: lastname, rules: 'legacy' } as const
    const opening = request.lastingOpening
    const signedIn = unwrapOpened(await auth.register({ ...person, client: opening.client, opening }, request.call))
    setCookies(reply, signedIn.tokens)
    return { success: true, userData: presentPerson(signedIn.user), ...presentSignedIn(signedIn) }
  })

  app.post('/api/v1/auth/login', logIn, async (request, reply) => {
    const { email, password } = request.getTexts('email', 'password')
    const identifier = { kind: 'email', value: email } as const
    const signedIn = unwrap(await auth.signIn({ identifier, password, opening: request.lastingOpening }, request.call))
    setCookies(reply, signedIn.tokens)
    return { success: true, ...presentSignedIn(signedIn) }
  })

  app.get('/api/v1/auth/user', showUser, async ({ caller }) => ({ success: true, ...presentPerson(caller.user) }))

  app.get('/api/v1/auth/user/active-sessions', listSessions, async ({ caller, call }) => {
    const question = { userId: caller.user.id, state: 'active', tokenPayload: true } as const
    const listed = await app.listEverySession(question, call)
    return { success: true, activeSessions: listed.map(presentActiveSession) }
  })

  app.post<{ Params: { id: string } }>('/api/v1/auth/user/logout/:id', logOut, async ({ caller, params, call }) => {
    const reason = params.id === caller.session.id ? 'signed_out' : 'revoked_by_user'
    unwrap(await sessions.end({ userId: caller.user.id, sessionId: params.id, reason }, call))
    return { success: true }
  })
}
