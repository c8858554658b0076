import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { unwrap } from '../../errors.ts'
import { presentRegistered, presentUser } from './present.ts'

const Credentials = Type.Object(
  { username: Type.String({ maxLength: 50 }), password: Type.String({ minLength: 6 }) },
  { examples: [{ username: 'newuser', password: 'newpassword' }] }
)

const register = {
  config: {
    access: 'public',
    limit: 'credentials',
    answers: { 201: [{ message: 'User registered successfully', user_id: 1 }] },
    errors: ['identifier_taken', 'too_many_attempts']
  },
  schema: { operationId: 'credentialsRegister', summary: 'Sign up', body: Credentials }
} as const

export async function credentialRoutes(app: FastifyInstance): Promise<void> {
  app.post('/register', register, async (request, reply) => {
    const { username, password } = request.getTexts('username', 'password')
    const identifiers = [{ kind: 'username', value: username } as const]
    const person = { identifiers, password, firstName: null, lastName: null, rules: 'legacy' } as const
    const { client } = request.lastingOpening
    const { user } = unwrap(await app.services.auth.register({ ...person, client, opening: null }, request.call))
    reply.code(201)
    return presentRegistered(user)
  })
}

/** The part that `POST /login` has for these clients; whoever mounts it tells them from others. */
export function createLogIn(app: FastifyInstance) {
  const handle = async (request: FastifyRequest, reply: FastifyReply) => {
    const { username, password } = request.getTexts('username', 'password')
    const identifier = { kind: 'username', value: username } as const
    const credentials = { identifier, password, opening: request.lastingOpening }
    const { user, tokens } = unwrap(await app.services.auth.signIn(credentials, request.call))
    reply.header('authorization', `Bearer ${tokens.accessToken}`)
    return presentUser(user)
  }
  const errors = ['invalid_credentials', 'second_factor_required', 'user_blocked', 'too_many_attempts'] as const
  return { body: Credentials, answers: { 200: [{ user_id: 1 }] }, errors, handle }
}
