import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { SessionCriteria } from '@latchkey/contracts/session-admin'
import type { RouteShorthandOptions } from 'fastify'
import Type from 'typebox'
import { unwrap } from '../errors.ts'
import { exampleSession } from '../examples.ts'
import { forHttp } from '../http-schema.ts'
import { presentSession } from '../present.ts'
import { Session } from '../schemas.ts'

const EndMatching = forHttp(
  Type.Object(
    {
      ...SessionCriteria.properties,
      dryRun: Type.Optional(Type.Boolean({ description: 'Count, and end nothing' }))
    },
    {
      additionalProperties: false,
      minProperties: 1,
      examples: [
        { userAgent: 'Chrome/130', ip: '203.0.113.0/24', dryRun: true },
        { role: 'admin', openedBefore: '2026-11-21T09:30:00.000Z' },
        { everyone: true }
      ]
    }
  )
)

const EndedMatching = forHttp(
  Type.Object(
    {
      matched: Type.Integer({ minimum: 0 }),
      ended: Type.Integer({ minimum: 0 }),
      sample: Type.Array(Session, { description: 'Up to ten of them, as they were found' })
    },
    {
      description: 'How many sessions were meant, and how many ended',
      examples: [{ matched: 1, ended: 1, sample: [exampleSession] }]
    }
  )
)

/** A million sessions take a minute when each has to be looked at. */
const PATIENCE_MS = 90_000

const endMatchingSessions = {
  config: { access: 'admin', patienceMs: PATIENCE_MS },
  schema: {
    operationId: 'endMatchingSessions',
    summary: 'End the sessions of many users',
    description: [
      'Ends every live session that meets all criteria, with the reason `revoked_by_admin`; at least one is needed.',
      '`ip` is an address or a network (`10.0.0.0/8`, `2001:db8::/32`), `userAgent` a part of the agent in small or',
      'capital letters. `everyone` stands alone, and ends all sessions in one step, however many there are; their number',
      'is the one that the statistics count, and the timelines of their users follow. Your own session is no exception:',
      'it ends too where it is meant, and this answer is the last that it gets. Once answered, none of them is accepted',
      'anywhere. 503 where the time was too short: what has ended stays so, and the same call goes on from there.'
    ].join('\n'),
    tags: ['admin'],
    body: EndMatching,
    response: { 200: EndedMatching }
  }
} satisfies RouteShorthandOptions

/** Ending the sessions of many users at once. */
export const adminSessionEndingRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { sessionAdmin } = app.services

  app.post('/admin/sessions/end', endMatchingSessions, async ({ caller: { user, session }, body, call }) => {
    const { dryRun = false, ...criteria } = body
    const { matched, ended, sample } = unwrap(await sessionAdmin.end({ actorId: user.id, criteria, dryRun }, call))
    return { matched, ended, sample: sample.map((each) => presentSession(each, session.id)) }
  })
}
