import type { CallContext, ReplyOf, RequestOf } from '@latchkey/contracts/define'
import { failField, ok, type Result } from '@latchkey/contracts/errors'
import type { Actor } from '@latchkey/contracts/ids'
import type { SessionCriteria, sessionAdminContract } from '@latchkey/contracts/session-admin'
import type { Criteria } from './admin-ports.ts'
import { describeSession } from './describe-session.ts'
import { countEveryone, type EveryoneDeps, endEveryone } from './end-everyone.ts'
import { endMatchingSessions, type Matched } from './end-matching-sessions.ts'
import { readNetwork } from './ip-network.ts'
import type { Lifetimes } from './ports.ts'

export interface EndSessionsDeps extends EveryoneDeps {
  readonly lifetimes: Lifetimes
}

const SAMPLE_SIZE = 10

/** Ends the sessions that an admin means, or only counts them. See the two ways of it for what they promise. */
export async function endSessions(
  deps: EndSessionsDeps,
  { actorId, criteria, dryRun }: RequestOf<typeof sessionAdminContract.end>,
  context: CallContext
): Promise<Result<ReplyOf<typeof sessionAdminContract.end>, 'invalid_request' | 'unavailable'>> {
  const read = readCriteria(criteria)
  if (!read.ok) return read
  const endedBy: Actor | undefined = dryRun ? undefined : { kind: 'admin', id: actorId }
  const outcome =
    criteria.everyone === true
      ? await endOrCountEveryone(deps, endedBy, context)
      : await endMatchingSessions(
          deps,
          { criteria: read.value, userId: criteria.userId, endedBy, sampleSize: SAMPLE_SIZE },
          context
        )
  if (!outcome.ok) return outcome
  const { matched, sample } = outcome.value
  return ok({
    matched,
    ended: dryRun ? 0 : matched,
    sample: sample.map((session) => describeSession(session, deps.lifetimes))
  })
}

async function endOrCountEveryone(
  deps: EndSessionsDeps,
  endedBy: Actor | undefined,
  context: CallContext
): Promise<Result<Matched, 'unavailable'>> {
  const sampleSize = SAMPLE_SIZE
  return endedBy === undefined
    ? ok(await countEveryone(deps, { sampleSize }))
    : await endEveryone(deps, { endedBy, sampleSize }, context)
}

function readCriteria(criteria: SessionCriteria): Result<Criteria, 'invalid_request'> {
  const { everyone, userId: _, role, openedBefore, lastSeenBefore, ip, userAgent } = criteria
  const given = Object.keys(criteria).length
  if (given === 0) return failField('', 'missing', 'names no sessions; everyone is named by everyone')
  if (everyone === true && given > 1) return failField('everyone', 'invalid', 'goes with no other criterion')
  const network = ip === undefined ? undefined : readNetwork(ip)
  if (ip !== undefined && network === undefined) {
    return failField('ip', 'invalid', 'is neither an address nor a network like 10.0.0.0/8')
  }
  const opened = readMoment('openedBefore', openedBefore)
  if (!opened.ok) return opened
  const lastSeen = readMoment('lastSeenBefore', lastSeenBefore)
  if (!lastSeen.ok) return lastSeen
  return ok({
    role,
    openedBefore: opened.value,
    lastSeenBefore: lastSeen.value,
    userAgent: userAgent?.toLowerCase(),
    ip: network
  })
}

/** In ms. What has the form of a time need not be one. */
function readMoment(field: string, entered: string | undefined): Result<number | undefined, 'invalid_request'> {
  const ms = entered === undefined ? undefined : Date.parse(entered)
  return Number.isNaN(ms) ? failField(field, 'invalid_format', 'is no moment of any day') : ok(ms)
}
