import { accountsContract } from '@latchkey/contracts/accounts'
import { activityContract } from '@latchkey/contracts/activity'
import { adminContract } from '@latchkey/contracts/admin'
import { authContract } from '@latchkey/contracts/auth'
import type { Client } from '@latchkey/contracts/define'
import { factorsContract } from '@latchkey/contracts/factors'
import { recoveryContract } from '@latchkey/contracts/recovery'
import { sessionContract } from '@latchkey/contracts/session'
import { sessionAdminContract } from '@latchkey/contracts/session-admin'
import { createClient } from '@latchkey/messaging/client'
import type { Transport } from '@latchkey/messaging/transport'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { RequestCall } from '../call.ts'

declare module 'fastify' {
  interface FastifyInstance {
    services: {
      readonly accounts: Client<typeof accountsContract>
      readonly auth: Client<typeof authContract>
      readonly factors: Client<typeof factorsContract>
      readonly recovery: Client<typeof recoveryContract>
      readonly session: Client<typeof sessionContract>
      readonly sessionAdmin: Client<typeof sessionAdminContract>
      readonly activity: Client<typeof activityContract>
      readonly admin: Client<typeof adminContract>
    }
  }
  interface FastifyContextConfig {
    /** How long the calls of this route may take, in milliseconds, where that is longer than usual. */
    patienceMs?: number
  }
  interface FastifyRequest {
    /** Goes along with every call made for this request; its budget begins with the first of them. */
    readonly call: RequestCall
    startedCall: RequestCall | undefined
  }
}

/** The only plugin that knows there is a message bus. */
export const services = fp(
  async (app: FastifyInstance, { transport }: { transport: Transport }) => {
    app.decorate('services', {
      accounts: createClient(accountsContract, transport, app.log),
      auth: createClient(authContract, transport, app.log),
      factors: createClient(factorsContract, transport, app.log),
      recovery: createClient(recoveryContract, transport, app.log),
      session: createClient(sessionContract, transport, app.log),
      sessionAdmin: createClient(sessionAdminContract, transport, app.log),
      activity: createClient(activityContract, transport, app.log),
      admin: createClient(adminContract, transport, app.log)
    })
    app.decorateRequest('startedCall')
    // Most requests are answered without any call.
    app.decorateRequest('call', {
      getter(this: FastifyRequest) {
        this.startedCall ??= new RequestCall(this, this.routeOptions.config.patienceMs)
        return this.startedCall
      }
    })
  },
  { name: 'services' }
)
