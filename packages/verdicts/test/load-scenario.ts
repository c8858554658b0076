import { setTimeout as delay } from 'node:timers/promises'
import type { TestScope } from '@latchkey/testing/stores'
import { Redis } from 'ioredis'
import { createPendingRelay } from '../src/relay.ts'
import type { AuthorityRules, HolderRules } from '../src/rules.ts'
import { openPlatform, untilSettled } from './authority-scenario.ts'
import {
  createMemoryLog,
  createSessionIds,
  createTruth,
  pendingKeyOf,
  revoke,
  type TestHolder,
  type Truth
} from './scenario.ts'

const WORKERS = 24

interface Tally {
  readonly revoked: Set<string>
  accepted: number
  refused: number
  /** Accepted though the request began after the revocation had been answered. */
  stale: number
  /** Refused though nobody had begun to revoke it. */
  wronglyRefused: number
}

async function request(holder: TestHolder, sessionId: string, tally: Tally, revoking: Set<string>) {
  const wasRevoked = tally.revoked.has(sessionId)
  const result = await holder.judge(sessionId, true, undefined)
  if (result.ok) {
    tally.accepted += 1
    if (wasRevoked) tally.stale += 1
    return
  }
  if (result.code !== 'session_ended') return
  tally.refused += 1
  if (!revoking.has(sessionId)) tally.wronglyRefused += 1
}

/** Keeps a session busy on one holder until well after it was revoked, whatever the other requests are waiting for. */
async function hammer(holder: TestHolder, sessionId: string, tally: Tally, revoking: Set<string>) {
  let after = 0
  while (after < 3) {
    await request(holder, sessionId, tally, revoking)
    if (tally.revoked.has(sessionId)) after += 1
    await delay(2)
  }
}

async function liveOneSession(
  holders: readonly TestHolder[],
  truth: Truth,
  revokeSession: (sessionId: string) => Promise<void>,
  tally: Tally
) {
  const revoking = new Set<string>()
  const [sessionId = ''] = createSessionIds(1)
  await truth.open(sessionId)
  const sockets = [...holders, ...holders]
  const hammered = Promise.all(sockets.map((holder) => hammer(holder, sessionId, tally, revoking)))
  await delay(Math.random() * 8)
  revoking.add(sessionId)
  await revokeSession(sessionId)
  tally.revoked.add(sessionId)
  // The others may all be waiting for an older question.
  await Promise.all(holders.map((holder) => request(holder, sessionId, tally, revoking)))
  await hammered
}

export interface LoadSetup {
  readonly revocations: number
  readonly holderRules?: Partial<HolderRules>
  readonly authorityRules?: Partial<AuthorityRules>
}

/**
 * Three holders, two authorities, hot sessions that are hammered right through their revocation, slow look-ups, small
 * caches, and a NATS that hangs now and then. Ends at the first stale acceptance.
 */
export async function runLoad(t: TestScope, { revocations, holderRules = {}, authorityRules = {} }: LoadSetup) {
  const { redis, server, nats, startAuthority, startHolder } = await openPlatform(t)
  const patient = new Redis(server.url)
  t.teardown(() => patient.disconnect())
  const truth = createTruth(patient)
  const authorities = await Promise.all([1, 2].map(() => startAuthority({ rules: authorityRules })))
  const [first] = authorities
  if (first === undefined) throw new Error('no authority')
  await untilSettled(first)
  const relay = createPendingRelay({ redis, keyOf: pendingKeyOf, announce: first.announce, log: createMemoryLog() })
  t.teardown(() => relay.stop())
  const lookUp = truth.lookUp(() => (Math.random() < 0.05 ? Math.random() * 250 : 0))
  const config = { capacity: 20, tombstoneCapacity: 60 }
  const holders = await Promise.all([1, 2, 3].map(() => startHolder({ lookUp, config, rules: holderRules })))

  const tally: Tally = { revoked: new Set(), accepted: 0, refused: 0, stale: 0, wronglyRefused: 0 }
  let left = revocations
  const revokeSession = async (sessionId: string) => {
    const authority = authorities[left % 2] ?? first
    while (!(await revoke(truth, authority, sessionId, 10_000)).ok);
  }
  const goesOn = () => left > 0 && tally.stale === 0
  const work = async () => {
    while (goesOn()) {
      left -= 1
      await liveOneSession(holders, truth, revokeSession, tally)
    }
  }
  const disturb = async () => {
    while (goesOn()) {
      await delay(1500)
      nats.pause()
      await delay(150)
      nats.resume()
    }
  }
  await Promise.all([disturb(), ...Array.from({ length: WORKERS }, work)])
  const hits = holders.reduce((sum, { state }) => sum + state.hits, 0)
  return { ...tally, revoked: tally.revoked.size, hits }
}
