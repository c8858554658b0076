import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { authContract, type Identifier } from '@latchkey/contracts/auth'
import type { RouteShorthandOptions } from 'fastify'
import Type from 'typebox'
import { unwrapOpened } from '../errors.ts'
import { forHttp } from '../http-schema.ts'
import { SignedIn, signInOptions } from '../schemas.ts'

const Text = Type.String({ minLength: 1, maxLength: 512 })
const { password } = authContract.signIn.request.properties

const Registration = forHttp(
  Type.Object(
    {
      email: Type.Optional(Text),
      username: Type.Optional(Text),
      mobile: Type.Optional(Text),
      password,
      firstName: Type.Optional(Text),
      lastName: Type.Optional(Text),
      ...signInOptions
    },
    {
      additionalProperties: false,
      anyOf: [{ required: ['email'] }, { required: ['username'] }, { required: ['mobile'] }],
      examples: [{ email: 'ada@example.com', password: 'correct horse battery', firstName: 'Ada' }]
    }
  )
)

const signUp = {
  config: {
    access: 'public',
    limit: 'credentials',
    errors: ['identifier_taken', 'session_limit', 'too_many_attempts']
  },
  schema: {
    operationId: 'signUp',
    summary: 'Sign up',
    description:
      'Takes any number of the three identifiers, at least one. The new user is signed in. Whoever meets many identifiers ' +
      'that are taken has to wait (429).',
    tags: ['users'],
    body: Registration,
    response: { 201: forHttp(SignedIn) }
  }
} satisfies RouteShorthandOptions

export const userRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post('/users', { ...signUp, preHandler: app.refuseForeignSignIn }, async (request, reply) => {
    const { body, call } = request
    const opening = app.openFrom(request, body)
    const registration = {
      identifiers: listIdentifiers(body),
      password: body.password,
      firstName: body.firstName ?? null,
      lastName: body.lastName ?? null,
      rules: 'platform',
      client: opening.client,
      opening
    } as const
    const signedIn = unwrapOpened(await app.services.auth.register(registration, call))
    return await app.answerSignedIn(request, reply, signedIn, body)
  })
}

function listIdentifiers(body: { email?: string; username?: string; mobile?: string }): Identifier[] {
  return (['email', 'username', 'mobile'] as const).flatMap((kind) => {
    const value = body[kind]
    return value === undefined ? [] : [{ kind, value }]
  })
}
