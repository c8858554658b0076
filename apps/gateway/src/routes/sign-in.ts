import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { authContract } from '@latchkey/contracts/auth'
import { fail } from '@latchkey/contracts/errors'
import { sessionContract } from '@latchkey/contracts/session'
import type { RouteShorthandOptions } from 'fastify'
import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { unwrap } from '../errors.ts'
import { forHttp } from '../http-schema.ts'
import { presentTokens } from '../present.ts'
import { SignedIn, signInOptions, TokenPair } from '../schemas.ts'

const { password, code } = authContract.signIn.request.properties

const Credentials = forHttp(
  Type.Object(
    {
      identifier: Type.String({ minLength: 1, maxLength: 512, description: 'E-mail address, user name or mobile' }),
      password,
      code,
      ...signInOptions
    },
    { additionalProperties: false, examples: [{ identifier: 'ada@example.com', password: 'correct horse battery' }] }
  )
)

/** Any text: what cannot be one of ours is refused as all that are not, whether it is too long or merely made up. */
const refreshToken = Type.String({ description: 'As it was handed out' })
const Refresh = forHttp(Type.Object({ refreshToken: Type.Optional(refreshToken) }, { additionalProperties: false }))
const mayBeRefreshToken = Compile(sessionContract.refresh.request.properties.refreshToken)

const signIn = {
  config: { access: 'public', limit: 'credentials', errors: authContract.signIn.errors },
  schema: {
    operationId: 'signIn',
    summary: 'Sign in',
    description:
      'Users with a second factor send a code of their authenticator app, or a recovery code, along; each is taken ' +
      'once. Ten codes within 15 min may be tried. After 30 wrong passwords in a row, or 150 from one address, each ' +
      'further one has to wait, at first 30 s and at last an hour (429); who names a device, or comes from an address, ' +
      'where they have signed in before does not wait for what others tried.',
    tags: ['sessions'],
    body: Credentials,
    response: { 201: forHttp(SignedIn) }
  }
} satisfies RouteShorthandOptions

const refreshSession = {
  config: { access: 'public', limit: 'requests', errors: sessionContract.refresh.errors },
  schema: {
    operationId: 'refreshSession',
    summary: 'A new pair of tokens',
    description: 'The refresh token comes in the body or by cookie, and the new ones go back the same way.',
    tags: ['sessions'],
    body: Refresh,
    response: { 200: forHttp(TokenPair) }
  }
} satisfies RouteShorthandOptions

export const signInRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post('/sessions', { ...signIn, preHandler: app.refuseForeignSignIn }, async (request, reply) => {
    const { body, call } = request
    const credentials = {
      identifier: { kind: null, value: body.identifier },
      password: body.password,
      ...(body.code === undefined ? {} : { code: body.code }),
      opening: app.openFrom(request, body)
    }
    return await app.answerSignedIn(request, reply, unwrap(await app.services.auth.signIn(credentials, call)), body)
  })

  app.post('/sessions/refresh', { ...refreshSession, preValidation: app.acceptEmptyBody }, async (request, reply) => {
    const { token, byCookie } = app.readRefreshToken(request, request.body.refreshToken, reply)
    const refreshed = mayBeRefreshToken.Check(token)
      ? await app.services.session.refresh({ refreshToken: token }, request.call)
      : fail('refresh_invalid')
    if (byCookie && isOver(refreshed)) app.sessionCookies.clear(reply)
    const { tokens } = unwrap(refreshed)
    if (byCookie) app.sessionCookies.set(reply, tokens)
    return presentTokens(tokens, { asCookies: byCookie })
  })
}

function isOver(result: { readonly ok: boolean; readonly code?: string }): boolean {
  return result.code === 'refresh_invalid' || result.code === 'session_ended'
}
