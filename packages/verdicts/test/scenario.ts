import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Handlers } from '@latchkey/contracts/define'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import {
  type Acknowledgement,
  type verdictContract as VerdictContract,
  type VerdictItem,
  verdictContract,
  verdictMessages
} from '@latchkey/contracts/verdict'
import { openNatsTransport } from '@latchkey/messaging/nats'
import { serve } from '@latchkey/messaging/server'
import type { Transport } from '@latchkey/messaging/transport'
import type { TestScope, TestServer } from '@latchkey/testing/stores'
import { Redis } from 'ioredis'
import type { VerdictAuthority } from '../src/authority/options.ts'
import { defaultHolderConfig, type Found, type HolderConfig, type LookUp } from '../src/holder/options.ts'
import { Holder } from '../src/holder/verdict-holder.ts'
import { ALL_HOLDER_RULES, type HolderRules } from '../src/rules.ts'
import { readAcknowledgement, toMessage } from '../src/wire.ts'

export interface TestVerdict {
  readonly sessionId: string
  readonly roles: readonly string[]
}
export type TestError = 'session_ended' | 'token_invalid' | 'user_blocked' | 'unavailable' | 'deadline_exceeded'
export type TestHolder = Holder<TestVerdict, TestError, undefined>
export type TestLookUp = LookUp<TestVerdict, TestError, undefined>

/** A log that keeps its lines. */
export function createMemoryLog() {
  const lines: { level: string; text: string }[] = []
  const write = (level: string) => (_fields: object, text: string) => void lines.push({ level, text })
  return { lines, debug: () => undefined, info: write('info'), warn: write('warn'), error: write('error') }
}

export function openTransport(t: TestScope, { url }: Pick<TestServer, 'url'>, name = 'test'): Transport {
  const transport = openNatsTransport({ url, name, log: createMemoryLog() })
  t.teardown(() => transport.close())
  return transport
}

export function openRedis(t: TestScope, { url }: Pick<TestServer, 'url'>): Redis {
  const redis = new Redis(url, {
    commandTimeout: 250,
    connectTimeout: 500,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    retryStrategy: () => 50
  })
  redis.on('error', () => {})
  t.teardown(() => redis.disconnect())
  return redis
}

export async function until(holds: () => boolean | Promise<boolean>, timeoutMs = 15_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${holds}`)
    await delay(5)
  }
}

/** Time as the test wants it: that of the machine, moved on by `passMs`, and the wall clock set by `slipMs`. */
export function createMovableClock() {
  let movedMs = 0
  let slippedMs = 0
  return {
    monotonicMs: () => performance.now() + movedMs,
    wallMs: () => Date.now() + movedMs + slippedMs,
    /** Everybody's time passes, as for a process that was stopped. */
    passMs: (ms: number) => {
      movedMs += ms
    },
    /** Only the wall clock moves, as after a sleep of the machine. */
    slipMs: (ms: number) => {
      slippedMs += ms
    }
  }
}

export function found(sessionId: string, changes: Partial<Found<TestVerdict>> = {}): Found<TestVerdict> {
  return {
    verdict: { sessionId, roles: ['user'] },
    sessionId,
    userId: `user-of-${sessionId}`,
    endsInMs: 600_000,
    idleEndsInMs: 600_000,
    idleTtlMs: 600_000,
    ...changes
  }
}

/** A look-up that the test answers when it likes. */
export function createHeldLookUps() {
  const asked: { token: string; activity: boolean; answer(result: Awaited<ReturnType<TestLookUp>>): void }[] = []
  const lookUp: TestLookUp = ({ token, activity }) =>
    new Promise((resolve) => {
      asked.push({ token, activity, answer: resolve })
    })
  return { asked, lookUp }
}

export interface HolderSetup {
  readonly lookUp: TestLookUp
  readonly config?: Partial<HolderConfig>
  readonly rules?: Partial<HolderRules>
  readonly clock?: ReturnType<typeof createMovableClock>
  readonly onUse?: (session: { readonly sessionId: string }) => void
  readonly log?: ReturnType<typeof createMemoryLog>
}

export function createTestHolder(t: TestScope, transport: Transport, setup: HolderSetup): TestHolder {
  const { lookUp, config = {}, rules = {}, clock, onUse, log = createMemoryLog() } = setup
  const options = {
    transport,
    lookUp,
    log,
    config: { ...defaultHolderConfig, ...config },
    ...(clock === undefined ? {} : { clock }),
    ...(onUse === undefined ? {} : { onUse })
  }
  const holder: TestHolder = new Holder(options, { ...ALL_HOLDER_RULES, ...rules })
  t.teardown(() => holder.stop())
  return holder
}

/** An authority that does as the test says: for what the real one never does. */
export function serveStandIn(t: TestScope, transport: Transport) {
  const stand = {
    incarnation: 'first',
    seq: 0,
    complete: true,
    missed: [] as VerdictItem[],
    beats: true,
    answers: true,
    replyDelayMs: 0,
    renewals: 0,
    left: [] as string[],
    /** Whoever renewed last. */
    member: '',
    acknowledged: [] as Acknowledgement[]
  }
  const acknowledgeTo = `verdict.acknowledged.${randomBytes(4).toString('hex')}`
  const announced = verdictMessages.announced.subject
  transport.subscribe(acknowledgeTo, (message) => {
    const acknowledgement = readAcknowledgement(message)
    if (acknowledgement !== undefined) stand.acknowledged.push(acknowledgement)
  })
  const handlers: Handlers<typeof VerdictContract> = {
    renew: async ({ member, heard, leaseMs }) => {
      stand.renewals += 1
      stand.member = member
      const { incarnation, seq, complete, missed } = stand
      await delay(stand.replyDelayMs)
      if (!stand.answers) return fail('unavailable')
      const beat = { incarnation, seq, items: [], acknowledgeTo: null }
      if (!heard && stand.beats) transport.publish(announced, toMessage(beat))
      return ok({ incarnation, seq, leaseMs, complete, missed })
    },
    leave: async ({ member }) => {
      stand.left.push(member)
      return ok({})
    },
    announce: async () => ok({})
  }
  const subscription = serve(verdictContract, handlers, { transport, queue: 'session', log: createMemoryLog() })
  t.teardown(() => subscription.drain())
  return {
    stand,
    /** Announces once, and resolves when the holders have acknowledged. */
    announce: async (items: readonly VerdictItem[], holders = 1) => {
      const before = stand.acknowledged.length
      stand.seq += 1
      const { incarnation, seq } = stand
      transport.publish(announced, toMessage({ incarnation, seq, items: [...items], acknowledgeTo }))
      await until(() => stand.acknowledged.length >= before + holders)
    },
    publishBytes: (text: string) => transport.publish(announced, { data: new TextEncoder().encode(text), headers: {} })
  }
}

const shardOf = (sessionId: string) => sessionId.slice(0, 2)
export const pendingKeyOf = (shard: string) => `lk:t:{${shard}}:pending`

export function createSessionIds(count: number): string[] {
  return Array.from({ length: count }, () => randomBytes(12).toString('hex'))
}

const END = `redis.call('SET', KEYS[1], 'ended')
return redis.call('XADD', KEYS[2], '*', 'item', ARGV[1])`

/** A small truth in Redis, to be looked up and altered as a service would: token and session id are the same text. */
export function createTruth(redis: Redis) {
  const keyOf = (sessionId: string) => `lk:t:{${shardOf(sessionId)}}:${sessionId}`
  return {
    open: async (sessionId: string) => void (await redis.set(keyOf(sessionId), 'active')),
    /** Ends the session and notes what is to be announced, in one step; resolves to the note's id. */
    end: async (sessionId: string): Promise<string> => {
      const item: VerdictItem = { kind: 'session', id: sessionId }
      const keys = [keyOf(sessionId), pendingKeyOf(shardOf(sessionId))]
      return String(await redis.eval(END, keys.length, ...keys, JSON.stringify(item)))
    },
    /** `slowness` says how long this answer is on its way. */
    lookUp:
      (slowness: () => number = () => 0): TestLookUp =>
      async ({ token }) => {
        const state = await redis.get(keyOf(token)).catch(() => 'unavailable')
        const slowMs = slowness()
        if (slowMs > 0) await delay(slowMs)
        if (state === 'unavailable') return fail('unavailable')
        if (state === null) return fail('token_invalid')
        if (state === 'active') return ok(found(token))
        return fail('session_ended', { reason: 'revoked_by_user', endedAt: '2026-11-21T09:30:00.000Z' })
      }
  }
}

export type Truth = ReturnType<typeof createTruth>

/** Ends a session as a service does: store, announce, answer. */
export async function revoke(
  truth: Truth,
  authority: VerdictAuthority,
  sessionId: string,
  timeoutMs = 5000
): Promise<Result<void, 'unavailable'>> {
  await truth.end(sessionId)
  return await authority.announce([{ kind: 'session', id: sessionId }], { timeoutMs })
}
