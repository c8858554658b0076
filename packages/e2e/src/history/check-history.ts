import { type Change, type Disturbance, type End, findEnds, type History, type Use } from './history.ts'

/**
 * I1 nothing is accepted that began after the end was answered · I2 no gateway says yes after it has said no for that
 * reason · I3 no token of an ended session works anywhere, once everything was started anew · I4 nobody else is refused,
 * and nothing is unavailable while nothing is wrong · I5 the caches come back · I6 an ending of unknown outcome constrains
 * nothing (it is what `findEnds` leaves out) · I8 no refresh of an ended session succeeds · I9 every end that was answered
 * is in the event stream · I10 nobody is shown a profile from before a change that was answered when they asked.
 * I7, that what a holder keeps is never older than what was announced of it, is seen from inside only: by `holder.test.ts`
 * and `tombstones.test.ts` of the protocol's package.
 */
export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I8' | 'I9' | 'I10'

export interface Violation {
  readonly invariant: Invariant
  readonly session: string | undefined
  /** When, by the clock of the history. */
  readonly at: number
  readonly text: string
}

export const RECOVER_MS = 5000
const MIN_HIT_RATIO = 0.9

/** All violations, the earliest first. */
export function checkHistory(history: History): readonly Violation[] {
  const over = findEnds(history.ends)
  const bySession = Map.groupBy(history.uses, ({ session }) => session)
  const violations = [
    ...findStale(history.uses, over),
    ...[...bySession.values()].flatMap((uses) => findFlips(uses, over)),
    ...findUnshown(history, over, bySession),
    ...findOutdated(history.changes, bySession),
    ...findWrongNo(history),
    ...findWrongReason(history, over),
    ...findUnavailable(history),
    ...checkRecovery(history)
  ]
  return violations.toSorted((a, b) => a.at - b.at)
}

type Over = ReadonlyMap<string, number>

/** How long after its end a session was used, at worst; 0 when never. */
export function findWorstStaleness({ uses, ends }: Pick<History, 'uses' | 'ends'>): number {
  const over = findEnds(ends)
  return uses.reduce((worst, use) => (use.outcome === 'accepted' ? Math.max(worst, lateness(use, over)) : worst), 0)
}

/** How long after the answer to the end this began; negative for what began before. */
function lateness({ session, start }: Use, over: Over): number {
  return start - (over.get(session) ?? Number.POSITIVE_INFINITY)
}

function findStale(uses: readonly Use[], over: Over): Violation[] {
  return uses
    .filter((use) => use.outcome === 'accepted' && lateness(use, over) > 0)
    .map((use) => {
      const invariant = use.isProbe ? 'I3' : use.kind === 'refresh' ? 'I8' : 'I1'
      const late = lateness(use, over).toFixed(1)
      return violation(invariant, use, `gateway ${use.gateway} accepted a ${use.kind} begun ${late} ms after the end`)
    })
}

/** One session's: by gateway, the first no that the end explains; no yes may begin after it. */
function findFlips(uses: readonly Use[], over: Over): Violation[] {
  const refusedAt = new Map<number, number>()
  for (const use of uses) {
    if (use.outcome !== 'refused' || lateness(use, over) <= 0) continue
    refusedAt.set(use.gateway, Math.min(use.end, refusedAt.get(use.gateway) ?? Number.POSITIVE_INFINITY))
  }
  return uses
    .filter(
      (use) => use.outcome === 'accepted' && use.start >= (refusedAt.get(use.gateway) ?? Number.POSITIVE_INFINITY)
    )
    .map((use) => violation('I2', use, `gateway ${use.gateway} accepted what it had refused before`))
}

/** That nothing of an ended session works has to be shown at each gateway, for accesses and for the refresh. */
function findUnshown({ recovery, gateways }: History, over: Over, bySession: ReadonlyMap<string, Use[]>): Violation[] {
  if (recovery === undefined) return []
  return [...over].flatMap(([session, at]) => {
    const refused = (bySession.get(session) ?? []).filter(({ isProbe, outcome }) => isProbe && outcome === 'refused')
    const shownAt = new Set(refused.filter(({ kind }) => kind === 'use').map(({ gateway }) => gateway))
    const isShown = shownAt.size === gateways && refused.some(({ kind }) => kind === 'refresh')
    return isShown ? [] : [{ invariant: 'I3' as const, session, at, text: 'not shown to be over everywhere' }]
  })
}

function findOutdated(changes: readonly Change[], bySession: ReadonlyMap<string, Use[]>): Violation[] {
  return changes.flatMap(({ sessions, change, end }) =>
    sessions
      .flatMap((session) => bySession.get(session) ?? [])
      .filter((use) => use.start > end && (use.change ?? change) < change)
      .map((use) => {
        const late = (use.start - end).toFixed(1)
        return violation('I10', use, `gateway ${use.gateway} showed a profile from before a change ${late} ms after it`)
      })
  )
}

function findWrongNo({ uses, ends }: History): Violation[] {
  const begun = new Map<string, number>()
  for (const { sessions, start } of ends) {
    for (const session of sessions) begun.set(session, Math.min(start, begun.get(session) ?? Number.POSITIVE_INFINITY))
  }
  return uses.flatMap((use) => {
    if (use.outcome === 'improper') return [violation('I4', use, `gateway ${use.gateway} answered ${use.detail}`)]
    if (use.outcome !== 'refused' || (begun.get(use.session) ?? Number.POSITIVE_INFINITY) <= use.end) return []
    return [violation('I4', use, `gateway ${use.gateway} refused a live session: ${use.detail}`)]
  })
}

/** Who is blocked is told so, since their sessions have not ended. */
function findWrongReason({ uses, ends }: History, over: Over): Violation[] {
  const blocked = new Set(ends.filter(({ by }) => by === 'block').flatMap(({ sessions }) => sessions))
  return uses
    .filter((use) => blocked.has(use.session) && use.outcome === 'refused' && lateness(use, over) > 0)
    .filter(({ detail }) => detail !== '403 user_blocked')
    .map((use) => violation('I4', use, `gateway ${use.gateway} answered a blocked user ${use.detail}`))
}

function findUnavailable({ uses, disturbances }: History): Violation[] {
  return uses
    .filter(({ outcome }) => outcome === 'unavailable' || outcome === 'unknown')
    .filter((use) => !isDisturbed(use, disturbances))
    .map((use) =>
      violation('I4', use, `gateway ${use.gateway} was not available though nothing was wrong: ${use.detail}`)
    )
}

function isDisturbed({ start, end }: Use, disturbances: readonly Disturbance[]): boolean {
  return disturbances.some((disturbance) => start <= disturbance.end + RECOVER_MS && end >= disturbance.start)
}

function checkRecovery({ recovery, disturbances }: History): Violation[] {
  if (recovery === undefined) return []
  const at = Math.max(0, ...disturbances.map(({ end }) => end))
  const { liveAfterMs, hitRatio } = recovery
  const violations: Violation[] = []
  if (liveAfterMs > RECOVER_MS) {
    const text = `a gateway did not answer from memory ${RECOVER_MS} ms after the last fault`
    violations.push({ invariant: 'I5', session: undefined, at, text })
  }
  if (hitRatio <= MIN_HIT_RATIO) {
    const text = `only ${(hitRatio * 100).toFixed(1)} % of verdicts came from memory after the last fault`
    violations.push({ invariant: 'I5', session: undefined, at, text })
  }
  return violations
}

function violation(invariant: Invariant, { session, start }: Use, text: string): Violation {
  return { invariant, session, at: start, text }
}

/** The part of a history around a violation: what was asked of its session, its endings, and what was broken then. */
export function cutWindow(history: History, { session, at }: Violation, widthMs = 4000) {
  const isNear = ({ start, end }: { readonly start: number; readonly end: number }) =>
    end >= at - widthMs && start <= at + widthMs
  const isOf = (end: End) => session === undefined || end.sessions.includes(session)
  return {
    ends: history.ends.filter(isOf),
    disturbances: history.disturbances.filter(isNear),
    uses: history.uses.filter((use) => use.session === session && isNear(use)).toSorted((a, b) => a.start - b.start)
  }
}
