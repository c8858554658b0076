import { randomUUID } from 'node:crypto'
import { verdictContract } from '@latchkey/contracts/verdict'
import { serve } from '@latchkey/messaging/server'
import type { Transport } from '@latchkey/messaging/transport'
import { startNats, startRedis, type TestScope } from '@latchkey/testing/stores'
import type { AuthorityConfig, AuthorityOptions } from '../src/authority/options.ts'
import { createRegistry } from '../src/authority/registry.ts'
import { Authority } from '../src/authority/verdict-authority.ts'
import { ALL_AUTHORITY_RULES, type AuthorityRules } from '../src/rules.ts'
import {
  createMemoryLog,
  createTestHolder,
  createTruth,
  type HolderSetup,
  openRedis,
  openTransport,
  type TestHolder,
  until
} from './scenario.ts'

/** Shorter than in production, so that what waits for it does not wait long. */
const LEASE_MS = 600

export interface AuthoritySetup {
  readonly config?: Partial<AuthorityConfig>
  readonly rules?: Partial<AuthorityRules>
  readonly observe?: NonNullable<AuthorityOptions['observe']>
}

/** Real stores with a small truth in them, and what it takes to add authorities and holders. */
export async function openPlatform(t: TestScope) {
  const [nats, server] = await Promise.all([startNats(t), startRedis(t)])
  const redis = openRedis(t, server)
  await until(() => redis.status === 'ready')
  const truth = createTruth(redis)

  const startAuthority = async (setup: AuthoritySetup = {}) => {
    const { rules = {}, observe } = setup
    const config = { longestLeaseMs: LEASE_MS, ...setup.config }
    const transport = openTransport(t, nats)
    const options = { redis, transport, log: createMemoryLog(), config, ...(observe === undefined ? {} : { observe }) }
    const authority = new Authority(options, { ...ALL_AUTHORITY_RULES, ...rules })
    const log = createMemoryLog()
    const subscription = serve(verdictContract, authority.handlers, { transport, queue: 'session', log })
    await until(() => transport.state === 'connected')
    t.teardown(async () => {
      await subscription.drain()
      await authority.stop()
    })
    return authority
  }

  const startHolder = async (setup: Partial<HolderSetup> = {}): Promise<TestHolder & { transport: Transport }> => {
    const transport = openTransport(t, nats)
    const holder = createTestHolder(t, transport, { lookUp: truth.lookUp(), ...setup })
    holder.start()
    await until(() => holder.state.live)
    return Object.assign(holder, { transport })
  }

  return { nats, server, redis, truth, startAuthority, startHolder }
}

/** A member that renews as often as the test says and acknowledges nothing, as one does that hangs. */
export function createSilentMember(redis: Parameters<typeof createRegistry>[0]['redis'], leaseMs = LEASE_MS) {
  const registry = createRegistry({ redis, longestLeaseMs: leaseMs, logLength: 100 })
  const member = randomUUID()
  return {
    member,
    renew: () => registry.renew({ member, incarnation: '', seq: 0, leaseMs, heard: true }),
    isMember: async () => (await registry.listMembers()).members.some(({ id }) => id === member)
  }
}

/**
 * Waits out the beginning of the registry, after which an announcement needs no longer than its acknowledgements.
 * Tests that measure nothing leave it out.
 */
export async function untilSettled(authority: Authority): Promise<void> {
  await authority.announce([{ kind: 'session', id: 'nobody' }], { timeoutMs: 10_000 })
}
