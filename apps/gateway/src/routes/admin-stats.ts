import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { activityContract } from '@latchkey/contracts/activity'
import { sessionAdminContract } from '@latchkey/contracts/session-admin'
import type { RouteShorthandOptions } from 'fastify'
import Type from 'typebox'
import { unwrap } from '../errors.ts'
import { exampleStats } from '../examples.ts'
import { forHttp } from '../http-schema.ts'
import { presentStats } from '../present-stats.ts'

const { liveSessions, signIns, revokeLatencyMs, points } = sessionAdminContract.getStats.reply.properties
const { activeUsers, failures, blocked, points: activityPoints } = activityContract.getStats.reply.properties

const Stats = forHttp(
  Type.Object(
    {
      liveSessions,
      activeUsers,
      signIns,
      failures,
      blocked,
      revokeLatencyMs,
      points: Type.Array(Type.Object({ ...points.items.properties, ...activityPoints.items.properties }))
    },
    { description: 'How it goes: the last sixty minutes', examples: [exampleStats] }
  )
)

const getStats = {
  config: { access: 'admin' },
  schema: {
    operationId: 'getStats',
    summary: 'Statistics of the last sixty minutes',
    description: [
      'Counted as it happens, so that the answer costs the same for any number of sessions. One point for each minute,',
      'the running one last; the totals are of all points together. `activeUsers` are different users who did anything,',
      '`signIns` sessions opened, `failures` wrong passwords of known users, `blocked` blocks that began.',
      '`revokeLatencyMs` is how long a change took, from its announcement, until no gateway judged by what was before;',
      'durations are kept by class, and are up to a quarter too long. `liveSessions` counts a session that ended by',
      'itself, unnoticed, for up to a hundredth of its lifetime (at least a second) longer.'
    ].join('\n'),
    tags: ['admin'],
    response: { 200: Stats }
  }
} satisfies RouteShorthandOptions

/** What admins see of all users at once. */
export const adminStatsRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { sessionAdmin, activity } = app.services

  app.get('/admin/stats', getStats, async ({ call }) => {
    const [sessions, users] = await Promise.all([sessionAdmin.getStats({}, call), activity.getStats({}, call)])
    return presentStats(unwrap(sessions), unwrap(users))
  })
}
