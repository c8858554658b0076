import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { acceptsCsv, answerTimelineCsv } from './csv.ts'
import { unwrap } from './errors.ts'
import { type ActivityQuery, readPage } from './schemas.ts'

type ActivityRequest = Pick<FastifyRequest, 'server' | 'call' | 'headers' | 'url'> & {
  readonly query: Static<typeof ActivityQuery>
}

/** Answers with a user's status and the page of their timeline that is asked for; with the page alone as CSV. */
export async function answerActivity(request: ActivityRequest, reply: FastifyReply, userId: string) {
  const { query, call, headers } = request
  const { activity } = request.server.services
  const [status, timeline] = await Promise.all([
    activity.getStatus({ userId }, call),
    activity.listTimeline({ userId, kind: query.kind ?? null, ...readPage(query) }, call)
  ])
  const page = unwrap(timeline)
  if (acceptsCsv(headers.accept)) return answerTimelineCsv(request, reply, page)
  return { status: unwrap(status), ...page }
}
