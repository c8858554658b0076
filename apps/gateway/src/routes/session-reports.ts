import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { LinkToken } from '@latchkey/contracts/recovery'
import type { RouteShorthandOptions } from 'fastify'
import Type from 'typebox'
import { acceptForms, answerLink, type LinkPage, PageResponse, sendPage } from '../link-page.ts'
import { NoContent } from '../schemas.ts'

const params = Type.Object({ token: LinkToken })

const showSessionReport = {
  config: { access: 'public' },
  schema: {
    operationId: 'showSessionReport',
    summary: 'Where the link of "was this you?" leads: a page with a button',
    description: 'Seeing it changes nothing: mail programs follow links by themselves.',
    tags: ['mail'],
    params,
    response: { 200: PageResponse }
  }
} satisfies RouteShorthandOptions

const reportSession = {
  config: { access: 'public', limit: 'credentials', errors: ['link_invalid'] },
  schema: {
    operationId: 'reportSession',
    summary: 'It was not me: end the session the mail told of',
    description: 'That session, and no other, ends as `revoked_by_user`. The answer is a page for browsers.',
    tags: ['mail'],
    params,
    response: { 200: PageResponse, 204: NoContent }
  }
} satisfies RouteShorthandOptions

const asking: LinkPage = {
  title: 'Was this not you?',
  paragraphs: ['Press the button to end the session that the mail told of. No other session ends.'],
  form: { button: 'End that session' }
}
const done: LinkPage = {
  title: 'The session has ended',
  paragraphs: ['Whoever it was knows your password: choose a new one now.']
}

/** A sign-in that was somebody else's. */
export const sessionReportRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { recovery } = app.services
  acceptForms(app, { fields: false })

  app.get('/session-reports/:token', showSessionReport, async (_request, reply) => sendPage(reply, 200, asking))

  app.post('/session-reports/:token', reportSession, async (request, reply) => {
    const reported = await recovery.reportSession({ token: request.params.token }, request.call)
    return answerLink(request, reply, reported, { page: done })
  })
}
