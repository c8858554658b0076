import { setTimeout as delay } from 'node:timers/promises'
import { sessionContract } from '@latchkey/contracts/session'
import { verdictMessages } from '@latchkey/contracts/verdict'
import type { Link } from '../../history/link.ts'
import { askAccess } from '../acts.ts'
import { crash, cut, hold, lose } from '../break.ts'
import { fillChangers, fillVictims } from '../fill-up.ts'
import type { Kind } from '../observed.ts'
import type { LinkName, ServiceName } from '../platform.ts'
import type { Heal, Scenario, Seen, Stage } from '../scenario.ts'

const ROUNDS = 4
/** So long things get as far as the link that does not let them through. */
const HELD_MS = 400
/** So many are under way, beside those who come anyway. */
const ASKED = 10
/** More than are ended, or change their password, from one crash to the next. */
const ENOUGH = 30

/** From when nothing got through to when the service was killed. */
interface Round {
  readonly from: number
  readonly to: number
}

interface Point extends Pick<Scenario, 'name' | 'fault' | 'stays'> {
  readonly service: ServiceName
  readonly link: LinkName
  /** What the link does not let through. */
  readonly block: (links: readonly Link[]) => Heal
  /** Before each crash: whoever can be hit. */
  readonly gather?: (stage: Stage) => Promise<void>
  /** What is asked at each crash. */
  readonly asked: Kind
  /** Whether anything was at this point of its work when the service was killed, by what was found out afterwards. */
  readonly isHit: (round: Round, seen: Seen) => boolean
}

/** Sessions to end, known to all gateways: where they may, they need not ask first. */
async function gatherVictims(stage: Stage): Promise<void> {
  const { platform, crowd } = stage
  await fillVictims(stage, ENOUGH)
  const asked = crowd.victims.flatMap(({ session }) => platform.gateways.map((gateway) => askAccess(gateway, session)))
  await Promise.all(asked)
}

async function gatherChangers({ platform: { gateways }, crowd }: Stage): Promise<void> {
  const [gateway] = gateways
  if (gateway !== undefined) await fillChangers(crowd, gateway, ENOUGH)
}

/**
 * Kills a service at one point of its work: where it waits for what its link does not let through. What it has done
 * before is done, what would come after is not.
 */
async function crashAt({ platform, load }: Stage, { service, link, block, asked }: Point): Promise<Round> {
  const links = [platform.link(link)]
  const from = performance.now()
  const letThrough = block(links)
  load.ask(asked, ASKED)
  await delay(HELD_MS)
  const to = performance.now()
  const start = await crash(platform.service(service))
  // What was on its way goes with the process.
  const mend = cut(links)
  await letThrough()
  await mend()
  await start()
  return { from, to }
}

/** A crash that nothing was hit by proves nothing. */
function createCrash(point: Point): Scenario {
  const { name, fault, stays, gather, isHit } = point
  const rounds: Round[] = []
  return {
    name,
    fault,
    forMs: 0,
    ...(stays === undefined ? {} : { stays }),
    begin: async (stage) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        await gather?.(stage)
        rounds.push(await crashAt(stage, point))
      }
      return () => undefined
    },
    check: (seen) => {
      const idle = rounds.filter((round) => !isHit(round, seen)).length
      return idle === 0 ? [] : [`${idle} of ${ROUNDS} times nothing was at this point when the service was killed`]
    }
  }
}

const isIn = ({ from, to }: Round, time = 0) => time >= from && time < to

/** Ends that nobody was told of and that had come about, or had not. */
function hitsEnd(wasOver: boolean): Point['isHit'] {
  return (round, { crowd }) => crowd.maybeEnded.some((held) => isIn(round, held.endBegun) && held.wasOver === wasOver)
}

/** The same for new passwords. */
function hitsChange(hasChanged: boolean): Point['isHit'] {
  return (round, { crowd }) =>
    crowd.maybeChanged.some((change) => isIn(round, change.begunAt) && change.hasChanged === hasChanged)
}

const holdUp = (links: readonly Link[]) => hold(links, 'up')
const SESSION = { service: 'session-1', gather: gatherVictims, asked: 'revoke' } as const
const AUTH = {
  service: 'auth-1',
  gather: gatherChangers,
  asked: 'changePassword',
  stays: ['access', 'refresh', 'revoke']
} as const

const points: readonly Point[] = [
  {
    ...SESSION,
    name: 'session-killed-before-write',
    fault: 'the session service is killed when what it changes has not reached Redis',
    link: 'session-1:redis',
    block: holdUp,
    isHit: hitsEnd(false)
  },
  {
    ...SESSION,
    name: 'session-killed-before-telling',
    fault: 'the session service is killed when it has changed Redis and told nobody',
    link: 'session-1:nats',
    block: (links) => lose(links, verdictMessages.announced.subject, 'up'),
    isHit: hitsEnd(true)
  },
  {
    ...SESSION,
    name: 'session-killed-before-answer',
    fault: 'the session service is killed when it has told the gateways of an end, and not yet whoever asked for it',
    link: 'session-1:nats',
    // It waits for them until their leases are over.
    block: (links) => lose(links, verdictMessages.acknowledged.subject, 'down'),
    isHit: hitsEnd(true)
  },
  {
    ...AUTH,
    name: 'auth-killed-before-telling',
    fault: 'the auth service is killed between the new password and the end of the sessions with the old one',
    link: 'auth-1:nats',
    block: (links) => lose(links, sessionContract.endAll.subject, 'up'),
    isHit: hitsChange(true)
  },
  {
    ...AUTH,
    name: 'auth-killed-before-commit',
    fault: 'the auth service is killed when what it changes has not reached PostgreSQL',
    link: 'auth-1:postgres',
    block: holdUp,
    isHit: hitsChange(false)
  },
  {
    name: 'activity-killed-before-write',
    fault: 'the activity service is killed when what it notes has not reached Redis',
    service: 'activity-1',
    stays: ['signIn', 'refresh', 'revoke'],
    link: 'activity-1:redis',
    block: holdUp,
    // Who signs in waits for the attempt to be noted.
    asked: 'signIn',
    isHit: (round, { during }) =>
      during.some(({ kind, start, end }) => kind === 'signIn' && isIn(round, start) && end > round.to)
  }
]

export const crashScenarios: readonly Scenario[] = points.map(createCrash)
