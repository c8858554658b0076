import { setTimeout as delay } from 'node:timers/promises'
import { type Account, askRefresh, type Session } from './account.ts'
import { RECOVER_MS } from './check-history.ts'
import type { Answered, GatewayClient } from './gateway-client.ts'
import { type HammerOptions, startHammer } from './hammer.ts'
import type { Recorder } from './recorder.ts'

const STEADY_SESSIONS = 12
const STEADY_MS = 2000
const PROBES_AT_ONCE = 12
const PROBE_DEADLINE_MS = 5000
/** What is not available just after a restart is asked again. */
const PROBE_ATTEMPTS = 20

interface HolderCounts {
  readonly isLive: boolean
  readonly hits: number
  readonly asked: number
}

async function readHolder(gateway: GatewayClient): Promise<HolderCounts> {
  const { text } = await gateway.ask({ method: 'GET', path: '/metrics', deadlineMs: 2000 })
  const hits = readMetric(text, 'latchkey_verdict_judgements_total', 'outcome="hits"')
  const misses = readMetric(text, 'latchkey_verdict_judgements_total', 'outcome="misses"')
  return { isLive: readMetric(text, 'latchkey_verdict_lease', '') === 1, hits, asked: hits + misses }
}

/** The value of a metric with this label, 0 where there is none. */
function readMetric(text: string, name: string, label: string): number {
  const line = text.split('\n').find((each) => each.startsWith(`${name}{`) && each.includes(label))
  return Number(line?.split(' ').at(-1) ?? 0)
}

/** How long it takes until all gateways answer from memory again; `Infinity` when that is longer than it may take. */
export async function awaitLive(gateways: readonly GatewayClient[]): Promise<number> {
  const start = performance.now()
  for (;;) {
    const holders = await Promise.all(gateways.map(readHolder))
    const tookMs = performance.now() - start
    if (holders.every(({ isLive }) => isLive)) return tookMs
    if (tookMs > RECOVER_MS) return Number.POSITIVE_INFINITY
    await delay(50)
  }
}

/** The share of verdicts that come from memory while those who are left use their sessions everywhere. */
export async function measureHits(
  accounts: readonly Account[],
  { gateways, recorder, random }: Pick<HammerOptions, 'gateways' | 'recorder' | 'random'>
): Promise<number> {
  const left = accounts.flatMap(({ sessions }) => sessions.filter(({ isOver }) => !isOver)).slice(-STEADY_SESSIONS)
  // The first use of a token always asks.
  await Promise.all(left.map((session) => useOnce(session, gateways)))
  const before = await Promise.all(gateways.map(readHolder))
  const hammers = left.map((session, index) =>
    startHammer({ session, gateways, socketsPerGateway: 1, recorder, random: random.fork(`steady ${index}`) })
  )
  await delay(STEADY_MS)
  await Promise.all(hammers.map((hammer) => hammer.stop()))
  const after = await Promise.all(gateways.map(readHolder))
  const grown = (count: 'hits' | 'asked') => sum(after, count) - sum(before, count)
  return grown('hits') / Math.max(1, grown('asked'))
}

async function useOnce({ accessTokens }: Session, gateways: readonly GatewayClient[]): Promise<void> {
  for (const gateway of gateways) {
    for (const token of accessTokens) await insist(() => gateway.ask(askCurrent(token)))
  }
}

function askCurrent(token: string) {
  return { method: 'GET', path: '/v1/sessions/current', token, deadlineMs: PROBE_DEADLINE_MS }
}

function sum(counts: readonly HolderCounts[], name: 'hits' | 'asked'): number {
  return counts.reduce((total, each) => total + each[name], 0)
}

/** Presents every token of every session everywhere: those of ended ones must be dead, those of others alive. */
export async function probe(
  accounts: readonly Account[],
  gateways: readonly GatewayClient[],
  recorder: Recorder
): Promise<void> {
  const sessions = accounts.flatMap((account) => account.sessions)
  const workers = Array.from({ length: PROBES_AT_ONCE }, async () => {
    for (let next = sessions.pop(); next !== undefined; next = sessions.pop()) {
      await probeSession(next, gateways, recorder)
    }
  })
  await Promise.all(workers)
}

async function probeSession(session: Session, gateways: readonly GatewayClient[], recorder: Recorder): Promise<void> {
  for (const gateway of gateways) {
    for (const token of session.accessTokens) {
      const answered = await insist(() => gateway.ask(askCurrent(token)))
      recorder.noteUse({ kind: 'use', session: session.id, gateway: gateway.index, isProbe: true }, answered)
    }
  }
  const [gateway] = gateways
  if (!session.isOver || gateway === undefined) return
  for (const token of session.refreshTokens.slice()) {
    const answered = await insist(() => askRefresh(gateway, session, token))
    recorder.noteUse({ kind: 'refresh', session: session.id, gateway: gateway.index, isProbe: true }, answered)
  }
}

/** Asks again while there is no answer, or one that will be another soon. */
export async function insist(ask: () => Promise<Answered>): Promise<Answered> {
  let answered = await ask()
  for (let attempt = 1; attempt < PROBE_ATTEMPTS && isTransient(answered); attempt += 1) {
    await delay(100)
    answered = await ask()
  }
  return answered
}

function isTransient({ status }: Answered): boolean {
  return status === 0 || status === 503
}
