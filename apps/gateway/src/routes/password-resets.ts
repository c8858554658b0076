import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { LinkToken, recoveryContract } from '@latchkey/contracts/recovery'
import { html } from '@latchkey/runtime/html'
import type { RouteShorthandOptions } from 'fastify'
import Type from 'typebox'
import { readClient } from '../client-info.ts'
import { unwrap } from '../errors.ts'
import { forHttp } from '../http-schema.ts'
import { acceptForms, answerLink, type LinkPage, PageResponse, sendPage } from '../link-page.ts'
import { Accepted, NoContent } from '../schemas.ts'

const { newPassword } = recoveryContract.resetPassword.request.properties
const params = Type.Object({ token: LinkToken })

const ResetRequest = forHttp(
  Type.Object(
    { email: Type.String({ minLength: 1, maxLength: 512 }) },
    { additionalProperties: false, examples: [{ email: 'ada@example.com' }] }
  )
)

const Reset = forHttp(
  Type.Object({ newPassword }, { additionalProperties: false, examples: [{ newPassword: 'staple of the trade' }] })
)

const requestPasswordReset = {
  config: { access: 'public', limit: 'credentials', errors: ['too_many_attempts'] },
  schema: {
    operationId: 'requestPasswordReset',
    summary: 'Mail a link that resets a password',
    description:
      'The same answer whether or not somebody has that address. Nothing about an account changes by it. To one address ' +
      'three mails leave within an hour at most.',
    tags: ['mail'],
    body: ResetRequest,
    response: { 202: Accepted }
  }
} satisfies RouteShorthandOptions

const resetPassword = {
  config: { access: 'public', limit: 'credentials', errors: ['link_invalid'] },
  schema: {
    operationId: 'resetPassword',
    summary: 'Set a new password by the token of a link',
    description: 'Every session of the user ends. A password that is refused leaves the link as it was.',
    tags: ['mail'],
    params,
    body: Reset,
    response: { 204: NoContent }
  }
} satisfies RouteShorthandOptions

const showPasswordReset = {
  config: { access: 'public' },
  schema: {
    operationId: 'showPasswordReset',
    summary: 'Where the link leads: a page that asks for the new password',
    tags: ['mail'],
    params,
    response: { 200: PageResponse }
  }
} satisfies RouteShorthandOptions

const submitPasswordReset = {
  config: resetPassword.config,
  schema: {
    operationId: 'submitPasswordReset',
    summary: 'The form of that page; a page for browsers',
    tags: ['mail'],
    params,
    body: Reset,
    response: { 200: PageResponse, 204: NoContent }
  }
} satisfies RouteShorthandOptions

const asking: LinkPage = {
  title: 'Choose a new password',
  paragraphs: ['All your sessions end, and you sign in again with the new password.'],
  form: {
    button: 'Set the password',
    fields: html`<label>New password
<input type="password" name="newPassword" autocomplete="new-password" required></label>`
  }
}
const done: LinkPage = { title: 'Your password was changed', paragraphs: ['You can sign in with it now.'] }

/** A forgotten password. */
export const passwordResetRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { recovery } = app.services

  app.post('/password-resets', requestPasswordReset, async (request, reply) => {
    unwrap(await recovery.requestReset({ email: request.body.email, client: readClient(request) }, request.call))
    reply.code(202)
    return null
  })

  app.put('/password-resets/:token', resetPassword, async ({ params: { token }, body, call }, reply) => {
    unwrap(await recovery.resetPassword({ token, newPassword: body.newPassword }, call))
    reply.code(204)
    return null
  })

  await app.register(pages)
}

const pages: FastifyPluginAsyncTypebox = async (app) => {
  const { recovery } = app.services
  acceptForms(app, { fields: true })

  app.get('/password-resets/:token', showPasswordReset, async (_request, reply) => sendPage(reply, 200, asking))

  app.post('/password-resets/:token', submitPasswordReset, async (request, reply) => {
    const { newPassword } = request.body
    const reset = await recovery.resetPassword({ token: request.params.token, newPassword }, request.call)
    return answerLink(request, reply, reset, { page: done, again: asking })
  })
}
