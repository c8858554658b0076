import type { Client } from '@latchkey/contracts/define'
import { type ErrorCode, fail, ok, type Result } from '@latchkey/contracts/errors'
import type { sessionContract } from '@latchkey/contracts/session'
import type { Found, LookUp, Question } from '@latchkey/verdicts/holder'
import type { FastifyRequest } from 'fastify'
import type { Admit } from './admission.ts'
import { within } from './call.ts'
import { Caller } from './caller.ts'
import type { Claims } from './claims.ts'

export interface LookUpOptions {
  readonly session: Pick<Client<typeof sessionContract>, 'check'>
  readonly admit: Admit
  /** Verifies the token that the request presents; its expiry is judged here. */
  readonly verify: (request: FastifyRequest) => Promise<Result<Claims, ErrorCode>>
  /** By the clock that tokens are made by. */
  readonly nowMs: () => number
}

type Looked = Result<Found<Caller>, ErrorCode>

/**
 * The one place that decides whether the bearer of a token may act: the token itself first, then the session's state,
 * then the user's. Activity is asked last, since it takes the question itself for activity, and the token of an ended
 * session must not keep its user active.
 */
export function createLookUp(options: LookUpOptions): LookUp<Caller, ErrorCode, FastifyRequest> {
  return async (question) => {
    const looked = await lookUp(options, question)
    // Whoever does not answer is as good as away: the caller can do no more about the one than about the other.
    return looked.ok || looked.code !== 'deadline_exceeded' ? looked : fail('unavailable')
  }
}

async function lookUp(
  { session, admit, verify, nowMs }: LookUpOptions,
  { activity, timeoutMs, call: request }: Question<FastifyRequest>
): Promise<Looked> {
  const deadlineAtMs = performance.now() + timeoutMs
  const verified = await verify(request)
  if (!verified.ok) return verified
  const claims = verified.value
  request.claims = claims
  const tokenEndsInMs = claims.exp * 1000 - nowMs()
  if (tokenEndsInMs <= 0) return fail('token_expired')

  const { sub: userId, sid: sessionId } = claims
  const remaining = () => within(request.call, deadlineAtMs - performance.now())
  const checked = await session.check({ sessionId, userId, activity }, remaining())
  if (!checked.ok) return checked
  const admitted = await admit({ userId, activity }, remaining())
  if (!admitted.ok) return admitted

  const { user, session: found, endsInMs, idleEndsInMs, idleTtlMs } = checked.value
  const { activeForMs, windowMs, holdsForMs } = admitted.value
  const lastActiveAt = admitted.value.lastActiveAt ?? found.lastSeenAt
  return ok({
    verdict: new Caller({ user, session: found, lastActiveAt, idleTtlMs }),
    sessionId,
    userId,
    endsInMs: Math.min(tokenEndsInMs, endsInMs, holdsForMs),
    idleEndsInMs: Math.min(idleEndsInMs, activeForMs),
    idleTtlMs: Math.min(idleTtlMs, windowMs)
  })
}
