import { hash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Attempt, attemptsContract } from '@latchkey/contracts/attempts'
import type { RequestOf } from '@latchkey/contracts/define'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { AttemptDeps, Taken } from './attempt-ports.ts'
import { noteFailure } from './settle-attempt.ts'

type Request = RequestOf<typeof attemptsContract.take>
type Answer = Result<{ attempt: Attempt | null }, 'too_many_attempts'>

/** What is being judged is judged soon: asking here again is cheaper than having the caller ask again. */
const TURNS = 5
const TURN_MS = 50
const FINGERPRINT_LENGTH = 16
/** Budgets beside those of known places. */
const SIGNED_IN = 'signed-in'
const OTHERS = 'others'

/**
 * Lets an attempt through if its source and its account have something left. The source comes first, so that one which
 * is over its limit takes nothing from the accounts it aims at.
 */
export async function takeAttempt(deps: AttemptDeps, request: Request): Promise<Answer> {
  for (let turn = 1; turn < TURNS; turn += 1) {
    const answer = await takeOnce(deps, request)
    if (answer !== 'busy') return answer
    await pause(TURN_MS)
  }
  const answer = await takeOnce(deps, request)
  return answer === 'busy' ? ok({ attempt: null }) : answer
}

async function takeOnce(deps: AttemptDeps, { account, origin }: Request): Promise<Answer | 'busy'> {
  if (origin === null) return await takeSignedIn(deps, account)
  const source = deps.sourceOf(origin.ipAddress)
  const device = origin.deviceId === null ? [] : [fingerprint('device', origin.deviceId)]
  const place = { source, device, all: [...device, fingerprint('source', source)] }
  return account === null ? await takeIdentifier(deps, place) : await takeSecret(deps, account, place)
}

interface Place {
  readonly source: string
  /** What the account may know it by: the device, if it was named, and all together. */
  readonly device: string[]
  readonly all: string[]
}

async function takeSignedIn(deps: AttemptDeps, account: string): Promise<Answer | 'busy'> {
  const taken = await deps.attempts.takeFromAccount(account, { places: [], otherwise: SIGNED_IN })
  if (taken.kind !== 'taken') return await refuse(deps, taken, 'account')
  return ok({ attempt: { account, budget: taken.budget, places: [], source: null } })
}

async function takeIdentifier(deps: AttemptDeps, { source, all }: Place): Promise<Answer | 'busy'> {
  const taken = await deps.attempts.takeFromSource(source, 'identifiers')
  if (taken.kind !== 'taken') return await refuse(deps, taken, 'source')
  return ok({ attempt: { account: null, budget: 'identifiers', places: all, source } })
}

async function takeSecret(
  deps: AttemptDeps,
  account: string,
  { source, device, all }: Place
): Promise<Answer | 'busy'> {
  const fromSource = await deps.attempts.takeFromSource(source, 'secrets')
  const isPaid = fromSource.kind === 'taken'
  // A device that the account knows is let through even then: whoever spoils a source does not shut out its users.
  const question = isPaid ? { places: all, otherwise: OTHERS } : { places: device, otherwise: undefined }
  const taken = await deps.attempts.takeFromAccount(account, question)
  if (taken.kind === 'taken') {
    return ok({ attempt: { account, budget: taken.budget, places: all, source: isPaid ? source : null } })
  }
  if (!isPaid && taken.kind === 'unknown') return await refuse(deps, fromSource, 'source')
  // What was not tried costs its source nothing: a forgotten program that keeps asking must not use up a whole network.
  if (isPaid) await deps.attempts.settleInSource(source, 'secrets', 'void')
  return await refuse(deps, taken, 'account')
}

/** Tells places apart without telling which they are. */
function fingerprint(kind: 'device' | 'source', value: string): string {
  return `${kind}:${hash('sha256', value, 'base64url').slice(0, FINGERPRINT_LENGTH)}`
}

async function refuse(deps: AttemptDeps, taken: Taken, by: 'account' | 'source'): Promise<Answer | 'busy'> {
  if (taken.kind !== 'refused') return 'busy'
  deps.watch.refused(by)
  await noteFailure(deps)
  return fail('too_many_attempts', { retryAfterSeconds: Math.max(1, Math.ceil(taken.retryAfterMs / 1000)) })
}
