import { isIP } from 'node:net'
import type { Profile } from '@latchkey/contracts/ids'
import type { Opening } from '@latchkey/contracts/session'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { unwrap, unwrapOpened } from '../../errors.ts'
import { examples, presentFoundUser, presentUser } from './present.ts'

const person = { mobile: Type.String(), username: Type.String() }
const device = { userAgent: Type.Optional(Type.String()), ipAddress: Type.Optional(Type.String()) }
const examplePerson = { mobile: '9012345678', username: 'SavingsBank' }
const NewUser = Type.Object(person, { examples: [examplePerson] })
const LogIn = Type.Object({ ...device, ...person }, { examples: [{ ...examplePerson, ipAddress: '127.0.0.2' }] })
const SessionKey = Type.Object({ sessionKey: Type.String() }, { examples: [{ sessionKey: examples.sessionKey }] })
const params = Type.Object({ mobile: Type.String() })
const answers = { 200: examples.withMessage }

const createUser = {
  config: { access: 'public', answers: { 201: examples.withMessage }, errors: ['unauthenticated', 'identifier_taken'] },
  schema: { operationId: 'deviceSessionsCreateUser', summary: 'Sign up', body: NewUser }
} as const
const findUser = {
  config: { access: 'public', answers: { 200: examples.found }, errors: ['unauthenticated', 'user_not_found'] },
  schema: { operationId: 'deviceSessionsFindUser', summary: 'A user and their sessions', params }
} as const
const invalidateSession = {
  config: { access: 'public', answers, errors: ['unauthenticated', 'session_not_found'] },
  schema: { operationId: 'deviceSessionsInvalidate', summary: 'End a session', body: SessionKey }
} as const

const ALREADY = 'There is already a session up and running. Please log out and log in again.'
const USER_AGENT_LENGTH = 512
/** Longer than any reference to a session: what is cut here is not found either way. */
const KEY_LENGTH = 128

export async function deviceSessionRoutes(app: FastifyInstance): Promise<void> {
  const { auth, session } = app.services
  app.addHook('onRequest', app.requireServiceKey)

  app.post('/createUser', createUser, async (request, reply) => {
    const { mobile, username: firstName } = request.getTexts('mobile', 'username')
    const opening = { ...request.lastingOpening, policy: 'single' } as const
    const identifiers = [{ kind: 'mobile', value: mobile } as const]
    const person = { identifiers, password: null, firstName, lastName: null, rules: 'legacy' } as const
    const { user } = unwrapOpened(await auth.register({ ...person, client: opening.client, opening }, request.call))
    reply.code(201)
    return { message: 'User created successfully', user: presentUser(user, await listSessions(app, user, request)) }
  })

  app.get<{ Params: { mobile: string } }>('/user/:mobile', findUser, async (request) => {
    const identifier = { kind: 'mobile', value: request.params.mobile } as const
    const user = unwrap(await auth.findUser({ identifier }, request.call))
    return presentFoundUser(user, await listSessions(app, user, request))
  })

  app.post('/invalidateSession', invalidateSession, async (request) => {
    const { sessionKey } = request.getTexts('sessionKey')
    const reference = { sessionId: sessionKey.slice(0, KEY_LENGTH) }
    const { id: sessionId, userId } = unwrap(await session.find(reference, request.call))
    const user = unwrap(await auth.getUser({ userId }, request.call))
    unwrap(await session.end({ userId, sessionId, reason: 'revoked_by_admin' }, request.call))
    const sessions = await listSessions(app, user, request)
    return { message: 'Session invalidated successfully.', user: presentUser(user, sessions) }
  })
}

/** The part that `POST /login` has for these clients; whoever mounts it tells them from others. */
export function createLogIn(app: FastifyInstance) {
  const handle = async (request: FastifyRequest) => {
    await app.requireServiceKey(request)
    const { mobile, username: name } = request.getTexts('mobile', 'username')
    const question = { identifier: { kind: 'mobile', value: mobile }, name, opening: readOpening(request) } as const
    const { user, notices } = unwrap(await app.services.auth.signInTrusted(question, request.call))
    const message = notices.replaced.length > 0 ? ALREADY : 'Login successful'
    return { message, user: presentUser(user, await listSessions(app, user, request)) }
  }
  const errors = [
    'unauthenticated',
    'invalid_credentials',
    'second_factor_required',
    'user_blocked',
    'user_not_found',
    'too_many_attempts'
  ] as const
  return { body: LogIn, answers, errors, handle }
}

/** The trusted server tells whose device it is; what it leaves out, or gets wrong, is that of the connection. */
function readOpening(request: FastifyRequest): Opening {
  const { client, ...opening } = request.lastingOpening
  const ipAddress = request.findText('ipAddress') ?? ''
  const userAgent = request.findText('userAgent')?.slice(0, USER_AGENT_LENGTH).toWellFormed() ?? client.userAgent
  const isAddress = isIP(ipAddress) !== 0 && !ipAddress.includes('%')
  return { ...opening, client: { userAgent, ipAddress: isAddress ? ipAddress : client.ipAddress }, policy: 'single' }
}

function listSessions(app: FastifyInstance, { id: userId }: Profile, { call }: FastifyRequest) {
  return app.listEverySession({ userId, state: 'all' }, call)
}
