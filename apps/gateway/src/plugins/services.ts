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
import type { Metrics } from '@latchkey/runtime/metrics'
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

export interface ServicesOptions {
  readonly transport: Transport
  readonly metrics: Metrics
}

/** The only plugin that knows there is a message bus. */
export const services = fp(
  async (app: FastifyInstance, { transport, metrics }: ServicesOptions) => {
    const options = { observe: metrics.observeClientCall }
    app.decorate('services', {
      accounts: createClient(accountsContract, transport, app.log, options),
      auth: createClient(authContract, transport, app.log, options),
      factors: createClient(factorsContract, transport, app.log, options),
      recovery: createClient(recoveryContract, transport, app.log, options),
      session: createClient(sessionContract, transport, app.log, options),
      sessionAdmin: createClient(sessionAdminContract, transport, app.log, options),
      activity: createClient(activityContract, transport, app.log, options),
      admin: createClient(adminContract, transport, app.log, options)
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
