import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { LinkToken } from '@latchkey/contracts/recovery'
import type { RouteShorthandOptions } from 'fastify'
import Type from 'typebox'
import { unwrap } from '../errors.ts'
import { acceptForms, answerLink, type LinkPage, PageResponse, sendPage } from '../link-page.ts'
import { Accepted, NoContent } from '../schemas.ts'

const params = Type.Object({ token: LinkToken })

const requestEmailVerification = {
  config: { access: 'user', limit: 'credentials' },
  schema: {
    operationId: 'requestEmailVerification',
    summary: 'Mail a link that verifies the address',
    description:
      'It goes to the address that is to replace the present one, else to the present one. No mail leaves where there ' +
      'is nothing to verify, nor more than five within an hour.',
    tags: ['mail'],
    response: { 202: Accepted }
  }
} satisfies RouteShorthandOptions

const verifyEmail = {
  config: { access: 'public', limit: 'credentials', errors: ['link_invalid', 'identifier_taken'] },
  schema: {
    operationId: 'verifyEmail',
    summary: 'Verify an address by the token of its link',
    tags: ['mail'],
    params,
    response: { 204: NoContent }
  }
} satisfies RouteShorthandOptions

const showEmailVerification = {
  config: { access: 'public' },
  schema: {
    operationId: 'showEmailVerification',
    summary: 'Where the link leads: a page with a button',
    tags: ['mail'],
    params,
    response: { 200: PageResponse }
  }
} satisfies RouteShorthandOptions

const submitEmailVerification = {
  config: verifyEmail.config,
  schema: {
    operationId: 'submitEmailVerification',
    summary: 'The button of that page; a page for browsers',
    tags: ['mail'],
    params,
    response: { 200: PageResponse, 204: NoContent }
  }
} satisfies RouteShorthandOptions

const asking: LinkPage = {
  title: 'Confirm your e-mail address',
  paragraphs: ['Press the button to confirm that the address this link was mailed to is yours.'],
  form: { button: 'Confirm the address' }
}
const done: LinkPage = { title: 'Your e-mail address is confirmed', paragraphs: ['You can close this page.'] }

/** Proving that an address is one's own. */
export const emailVerificationRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { recovery } = app.services

  app.post('/email-verifications', requestEmailVerification, async ({ caller: { user }, call }, reply) => {
    unwrap(await recovery.requestVerification({ userId: user.id }, call))
    reply.code(202)
    return null
  })

  app.put('/email-verifications/:token', verifyEmail, async ({ params: { token }, call }, reply) => {
    unwrap(await recovery.verifyEmail({ token }, call))
    reply.code(204)
    return null
  })

  await app.register(pages)
}

const pages: FastifyPluginAsyncTypebox = async (app) => {
  const { recovery } = app.services
  acceptForms(app, { fields: false })

  app.get('/email-verifications/:token', showEmailVerification, async (_request, reply) => sendPage(reply, 200, asking))

  app.post('/email-verifications/:token', submitEmailVerification, async (request, reply) => {
    const verified = await recovery.verifyEmail({ token: request.params.token }, request.call)
    return answerLink(request, reply, verified, { page: done })
  })
}
