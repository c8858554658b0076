import type { Disturbance } from '../history/history.ts'
import type { Observed } from './observed.ts'
import type { Outcome, RunOptions, Scenario } from './scenario.ts'

/** When things happened, by the clock of the load. */
export interface Times {
  readonly begunAt: number
  readonly healedAt: number
}

export const RECOVER_MS = 5000
/** Of one kind so many are told. */
const MAX_TOLD = 5

type Rules = Pick<Scenario, 'stays' | 'refuses' | 'downGateways' | 'closedGateways'>
/** How a client is told that nobody takes its connection. */
const REFUSED = 'ECONNREFUSED'

/**
 * What was seen against what must hold: no false yes or no and no undocumented answer at any time, nothing unavailable
 * but for the fault and the time to recover from it, every request answered. Unavailability in a time when the machine
 * was busy is told, and is no finding; nor is that of the share which is spared.
 */
export function judge(
  observed: readonly Observed[],
  { begunAt, healedAt }: Times,
  rules: Rules,
  busy: readonly Disturbance[],
  { patience, sparedShare }: Pick<RunOptions, 'patience' | 'sparedShare'>
): Outcome {
  const during = observed.filter(({ start }) => start >= begunAt && start < healedAt)
  const isDown = ({ gateway, verdict, detail }: Observed) =>
    rules.downGateways?.includes(gateway) === true ||
    (rules.closedGateways?.includes(gateway) === true && verdict === 'broken' && detail.includes(REFUSED))
  const isAffected = ({ start, end }: Observed) => end >= begunAt && start <= healedAt + RECOVER_MS * patience
  const isMissing = ({ verdict }: Observed) => verdict === 'unavailable' || verdict === 'broken' || verdict === 'hang'
  const untrue = observed.filter(({ verdict }) => verdict === 'wrong')
  const improper = observed.filter(({ verdict }) => verdict === 'improper')
  const unanswered = observed.filter(
    (each) => (each.verdict === 'hang' || each.verdict === 'broken') && !(isDown(each) && isAffected(each))
  )
  const early = observed.filter((each) => isMissing(each) && !isAffected(each))
  const lost = during.filter((each) => isMissing(each) && rules.stays?.includes(each.kind) === true && !isDown(each))
  const isExcused = ({ start, end }: Observed) => busy.some((time) => start <= time.end && end >= time.start)
  const available = [
    ...tell('not answered', unanswered),
    ...tell('not available though nothing was wrong', early),
    ...tell('not available though it should not be concerned', lost)
  ]
  const blamed = new Set([...unanswered, ...early, ...lost].filter((each) => !isExcused(each)))
  const excused = blamed.size <= observed.length * sparedShare
  const idle = (rules.refuses ?? []).filter((kind) => {
    const asked = during.filter((each) => each.kind === kind)
    return asked.length > 0 && asked.every(({ verdict }) => verdict !== 'unavailable')
  })
  const late = observed.filter((each) => each.start > healedAt && isMissing(each) && !isDown(each))
  const refusedAt = observed
    .filter(({ status, end }) => status === 503 && end > begunAt)
    .map(({ end }) => end - begunAt)
  return {
    findings: [
      ...tell('not true', untrue),
      ...tell('not documented', improper),
      ...(excused ? [] : available),
      ...idle.map((kind) => `${kind} was never refused: the fault did nothing`)
    ],
    notes: excused && available.length > 0 ? ['for want of time on this machine:', ...available] : [],
    figures: {
      first503Ms: refusedAt.length === 0 ? undefined : Math.min(...refusedAt),
      recoveryMs: Math.max(0, ...late.map(({ start }) => start - healedAt)),
      wrong: untrue.length,
      otherErrors: observed.filter(({ status }) => status >= 500 && status !== 503).length,
      p99Ms: [findP99(observed.filter(({ end }) => end < begunAt)), findP99(during)]
    }
  }
}

function tell(what: string, observed: readonly Observed[]): string[] {
  if (observed.length === 0) return []
  const byDetail = Map.groupBy(observed, ({ kind, detail }) => `${kind} ${detail}`)
  const lines = [...byDetail].map(([text, all]) => {
    const gateways = [...new Set(all.map(({ gateway }) => gateway + 1))].toSorted()
    return `${what}: ${text} (${all.length} times, gateway ${gateways.join(', ')})`
  })
  return lines.slice(0, MAX_TOLD)
}

/** Of accesses that were answered well, from when they were due. */
export function findP99(observed: readonly Observed[]): number {
  const taken = observed
    .filter(({ kind, verdict }) => kind === 'access' && verdict === 'good')
    .map(({ due, end }) => end - due)
    .toSorted((a, b) => a - b)
  return taken[Math.floor(taken.length * 0.99)] ?? 0
}
