import type { CallOptions, RequestOf } from '@latchkey/contracts/define'
import type { TransportError } from '@latchkey/contracts/errors'
import { ok, type Result } from '@latchkey/contracts/errors'
import type { ListedSession, Opening, sessionContract } from '@latchkey/contracts/session'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { readClientAddress, readUserAgent } from '../client-info.ts'

type Question = Omit<RequestOf<typeof sessionContract.list>, 'limit' | 'cursor'>

declare module 'fastify' {
  interface FastifyInstance {
    /** All pages of a list, newest first. */
    listEverySession(question: Question, call: CallOptions): Promise<Result<readonly ListedSession[], TransportError>>
  }
  interface FastifyRequest {
    /** Opens a session whose one token lives as long as itself, for a client that never refreshes. */
    readonly lastingOpening: Opening
  }
}

const PAGE = 100

/** What clients ask for that know neither refresh tokens nor pages. */
export const lastingSessions = fp(
  async (app: FastifyInstance) => {
    app.decorateRequest('lastingOpening', {
      getter(this: FastifyRequest) {
        const client = { ipAddress: readClientAddress(this), userAgent: readUserAgent(this) }
        return { client, deviceId: null, tokens: 'session', policy: null } as const
      }
    })

    app.decorate('listEverySession', async (question, call) => {
      const sessions: ListedSession[] = []
      let cursor: string | null = null
      do {
        const page = await app.services.session.list({ ...question, limit: PAGE, cursor }, call)
        if (!page.ok) return page
        sessions.push(...page.value.items)
        cursor = page.value.nextCursor
      } while (cursor !== null)
      return ok(sessions)
    })
  },
  { name: 'lasting-sessions', dependencies: ['services'] }
)
