import { setTimeout } from 'node:timers/promises'
import { verdictContract } from '@latchkey/contracts/verdict'
import { openNatsTransport } from '@latchkey/messaging/nats'
import { serve } from '@latchkey/messaging/server'
import { createLogger } from '@latchkey/runtime/logger'
import { startRedis, type TestScope } from '@latchkey/testing/stores'
import { createVerdictAuthority, type VerdictAuthority } from '@latchkey/verdicts/authority'
import type { FastifyInstance } from 'fastify'
import { Redis } from 'ioredis'

/** Shorter than in production, so that what waits for it does not wait long. */
const LEASE_MS = 600

/** What the session service has to grant leases and to make changes known, without the rest of that service. */
export async function startAuthority(t: TestScope, natsUrl: string): Promise<VerdictAuthority> {
  const server = await startRedis(t)
  const redis = new Redis(server.url)
  const log = createLogger({ service: 'authority', level: 'silent' })
  const transport = openNatsTransport({ url: natsUrl, name: 'authority', log })
  const authority = createVerdictAuthority({ redis, transport, log, config: { longestLeaseMs: LEASE_MS } })
  const subscription = serve(verdictContract, authority.handlers, { transport, queue: 'session', log })
  t.teardown(async () => {
    await subscription.drain()
    await authority.stop()
    await transport.close()
    redis.disconnect()
  })
  return authority
}

/** Waits until the gateway answers from memory, or until it does not. */
export async function untilVerdicts(app: FastifyInstance, state: 'cached' | 'asking'): Promise<void> {
  while ((await app.inject('/readyz')).json().verdicts !== state) await setTimeout(10)
}
