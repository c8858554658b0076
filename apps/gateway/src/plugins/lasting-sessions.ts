import type { CallOptions, RequestOf } from '@latchkey/contracts/define'
import type { ListedSession, Opening, sessionContract } from '@latchkey/contracts/session'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { readClient } from '../client-info.ts'
import { collectPages } from '../pages.ts'

type Question = Omit<RequestOf<typeof sessionContract.list>, 'limit' | 'cursor'>

declare module 'fastify' {
  interface FastifyInstance {
    /** All pages of a list, newest first; throws the failure of a page. */
    listEverySession(question: Question, call: CallOptions): Promise<ListedSession[]>
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
    const { session } = app.services
    app.decorateRequest('lastingOpening', {
      getter(this: FastifyRequest) {
        return { client: readClient(this), deviceId: null, tokens: 'session', policy: null } as const
      }
    })
    app.decorate('listEverySession', (question, call) =>
      collectPages((cursor) => session.list({ ...question, limit: PAGE, cursor }, call))
    )
  },
  { name: 'lasting-sessions', dependencies: ['services'] }
)
