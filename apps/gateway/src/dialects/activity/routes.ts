import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { unwrap } from '../../errors.ts'
import { presentActivity, presentToken } from './present.ts'

const Credentials = Type.Object(
  { email: Type.String(), password: Type.String() },
  { examples: [{ email: 'user@example.com', password: 'your_password' }] }
)

const logIn = {
  config: {
    access: 'public',
    limit: 'credentials',
    answers: { 200: [{ token: 'eyJ0eXAiOiJhdCtqd3QifQ.eyJzdWIiOiIwMTlhOWYzZSJ9.c2lnbmF0dXJl' }] },
    errors: ['invalid_credentials', 'second_factor_required', 'user_blocked', 'too_many_attempts']
  },
  schema: { operationId: 'activityLogIn', summary: 'Sign in', body: Credentials }
} as const

const showActivity = {
  config: { access: 'user', answers: { 200: [presentActivity()] } },
  schema: { operationId: 'activityShow', summary: 'Whether the user may act' }
} as const

export async function activityRoutes(app: FastifyInstance): Promise<void> {
  app.post('/api/login', logIn, async (request) => {
    const { email, password } = request.getTexts('email', 'password')
    const identifier = { kind: 'email', value: email } as const
    const credentials = { identifier, password, opening: request.lastingOpening }
    return presentToken(unwrap(await app.services.auth.signIn(credentials, request.call)).tokens)
  })

  app.get('/api/activity', showActivity, async () => presentActivity())
}
