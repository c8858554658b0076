import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { FactorStatus, factorsContract } from '@latchkey/contracts/factors'
import type { RouteShorthandOptions } from 'fastify'
import Type from 'typebox'
import { readOpening } from '../client-info.ts'
import { unwrap } from '../errors.ts'
import { exampleRecoveryCodes, exampleSession, exampleTokens } from '../examples.ts'
import { forHttp } from '../http-schema.ts'
import { presentSession, presentTokens } from '../present.ts'
import { NoContent, Session, TokenPair } from '../schemas.ts'

const { code } = factorsContract.confirm.request.properties
const { password } = factorsContract.remove.request.properties
const { recoveryCodes } = factorsContract.confirm.reply.properties

const Status = Type.Object(FactorStatus.properties, {
  description: 'Whether there is a second factor, and what is left beside it',
  examples: [{ enabled: true, recoveryCodesLeft: 9 }]
})

const Enrollment = Type.Object(factorsContract.enroll.reply.properties, {
  description: 'For an authenticator app: to type in, or to scan as a QR code'
})

const Confirmation = Type.Object({ code }, { additionalProperties: false, examples: [{ code: '492039' }] })

const Confirmed = Type.Object(
  { recoveryCodes, session: Session, ...TokenPair.properties },
  {
    description: 'The recovery codes, which are not shown again, and the session that goes on',
    examples: [
      {
        recoveryCodes: exampleRecoveryCodes,
        session: { ...exampleSession, method: 'password+totp' },
        ...exampleTokens
      }
    ]
  }
)

const Removal = Type.Object(
  { password },
  { additionalProperties: false, examples: [{ password: 'correct horse battery' }] }
)

const getTotp = {
  config: { access: 'user' },
  schema: {
    operationId: 'getTotp',
    summary: 'Whether a second factor is on',
    tags: ['me'],
    response: { 200: forHttp(Status) }
  }
} satisfies RouteShorthandOptions

const enrollTotp = {
  config: { access: 'user', errors: factorsContract.enroll.errors },
  schema: {
    operationId: 'enrollTotp',
    summary: 'Begin with a second factor',
    description:
      'Soon after a sign-in with the password (10 min). The secret takes effect once a code of it is confirmed, ' +
      'within 15 min; asking again makes another one.',
    tags: ['me'],
    response: { 200: forHttp(Enrollment) }
  }
} satisfies RouteShorthandOptions

const confirmTotp = {
  config: { access: 'user', limit: 'credentials', errors: factorsContract.confirm.errors },
  schema: {
    operationId: 'confirmTotp',
    summary: 'Turn the second factor on',
    description:
      'A new session with new tokens goes on in the place of this one, which ends (`replaced`). Other sessions go on as ' +
      'they are. Whoever came by cookie gets the tokens as cookies. After ten codes within 15 min: 429.',
    tags: ['me'],
    body: forHttp(Confirmation),
    response: { 200: forHttp(Confirmed) }
  }
} satisfies RouteShorthandOptions

const removeTotp = {
  config: { access: 'user', limit: 'credentials', errors: factorsContract.remove.errors },
  schema: {
    operationId: 'removeTotp',
    summary: 'Remove the second factor',
    description:
      'Every other session ends (`revoked_by_user`); this one goes on. The recovery codes are gone, too. Without a ' +
      'second factor nothing happens.',
    tags: ['me'],
    body: forHttp(Removal),
    response: { 204: NoContent }
  }
} satisfies RouteShorthandOptions

/** The signed-in user's second factor. */
export const totpRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { factors } = app.services

  app.get('/me/totp', getTotp, async ({ caller: { user }, call }) =>
    unwrap(await factors.describe({ userId: user.id }, call))
  )

  app.post('/me/totp', enrollTotp, async ({ caller: { user, session }, call }) => {
    const request = { userId: user.id, authenticatedAt: session.createdAt, method: session.method }
    return unwrap(await factors.enroll(request, call))
  })

  app.post('/me/totp/confirm', confirmTotp, async (request, reply) => {
    const { caller, body, byCookie, call } = request
    const deviceId = caller.session.device.id
    const opening = readOpening(request, deviceId === null ? {} : { deviceId })
    const confirmation = { userId: caller.user.id, sessionId: caller.session.id, code: body.code, opening }
    const { recoveryCodes, session, tokens } = unwrap(await factors.confirm(confirmation, call))
    if (byCookie) app.sessionCookies.set(reply, tokens)
    return {
      recoveryCodes,
      session: presentSession(session, session.id),
      ...presentTokens(tokens, { asCookies: byCookie })
    }
  })

  app.delete('/me/totp', removeTotp, async ({ caller: { user, session }, body, call }, reply) => {
    unwrap(await factors.remove({ userId: user.id, sessionId: session.id, password: body.password }, call))
    reply.code(204)
    return null
  })
}
