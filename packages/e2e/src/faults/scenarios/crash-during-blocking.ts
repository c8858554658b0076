import { setTimeout as delay } from 'node:timers/promises'
import { latestToken, registerAccount, type Session } from '../../history/account.ts'
import { type Answered, type GatewayClient, readJson } from '../../history/gateway-client.ts'
import type { Direction } from '../../history/schedule.ts'
import { insist } from '../../history/settle.ts'
import { eventually } from '../../people.ts'
import { askAccess } from '../acts.ts'
import { crash, cut, hold } from '../break.ts'
import { Crowd } from '../crowd.ts'
import { type EventLedger, keepEventLedger } from '../event-ledger.ts'
import { watchHealth } from '../health.ts'
import { type LinkName, type Platform, startPlatform } from '../platform.ts'
import type { Outcome, OwnScenario } from '../scenario.ts'

const PEOPLE = 60
const AT_ONCE = 8
const WINDOW_SECONDS = 3
const WINDOW = { USER_ACTIVITY_EXPIRATION: String(WINDOW_SECONDS), USER_BLOCKING: '10' }
/** So long things get as far as the link that does not let them through. */
const HELD_MS = 400
/** Who was let in because nobody could be asked is asked about again after this. */
const UNASKED_MS = 2500
const MAX_ASKS = 8
const TOLD_WITHIN_MS = 30_000

/** Where the service is killed: before it has judged, when it has and does not know it, and when it has told nobody. */
const POINTS: readonly (readonly [LinkName, Direction])[] = [
  ['activity-1:redis', 'up'],
  ['activity-1:redis', 'down'],
  ['activity-1:nats', 'up']
]

interface Idle {
  readonly userId: string
  readonly session: Session
}

/** Who was silent for too long is blocked at the next request; the service that does it is killed while it does. */
export const crashDuringBlocking: OwnScenario = {
  name: 'crash-during-blocking',
  fault:
    'the activity service is killed while it blocks people for inactivity: each is blocked once, none is passed over',
  run: async (t, { random }) => {
    const platform = await startPlatform(t, {
      topology: { gateway: 2, auth: 1, session: 1, activity: 1 },
      random: random.fork('links'),
      overrides: WINDOW
    })
    const watched = await watchHealth(t, platform.services)
    const ledger = keepEventLedger(t, platform.nats)
    const people = await registerIdle(platform)
    // Nobody does anything until the window of each is over.
    await delay(WINDOW_SECONDS * 1000)
    for (const [index, [link, direction]] of POINTS.entries()) {
      const some = people.filter((_, place) => place % POINTS.length === index)
      await crashAt(platform, link, direction, some)
      await letSettle(platform, people)
    }
    const findings = [...(await askEverybody(platform, people)), ...(await compare(people, ledger))]
    const health = await watched.judge()
    return {
      findings: [...findings, ...health.findings],
      notes: [...health.notes, `${people.length} people were blocked by ${ledger.blocks.size} events`],
      figures: { wrong: findings.length, otherErrors: 0 }
    } satisfies Outcome
  }
}

async function registerIdle({ gateways: [gateway] }: Platform): Promise<readonly Idle[]> {
  if (gateway === undefined) throw new Error('no gateway')
  const crowd = new Crowd()
  const people: Idle[] = []
  const next = async () => {
    while (people.length < PEOPLE) {
      const person = crowd.createPerson()
      const { session } = await registerAccount(gateway, person)
      const { userId } = person
      if (session !== undefined && userId !== undefined) people.push({ userId, session })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, next))
  return people
}

/** Some come back at once, the service gets as far as the link lets it, and is killed. */
async function crashAt(platform: Platform, name: LinkName, direction: Direction, some: readonly Idle[]) {
  const link = platform.link(name)
  const letThrough = hold([link], direction)
  const asked = some.map(({ session }, index) => askAccess(chooseGateway(platform, index), session))
  await delay(HELD_MS)
  const start = await crash(platform.service('activity-1'))
  // What was on its way goes with the process.
  const mend = cut([link])
  await letThrough()
  await mend()
  await Promise.all(asked)
  await start()
}

/** Until nobody is let in unasked any more, and both gateways know that there is somebody to ask. */
async function letSettle({ gateways }: Platform, [somebody]: readonly Idle[]): Promise<void> {
  await delay(UNASKED_MS)
  if (somebody === undefined) throw new Error('nobody was registered')
  const token = latestToken(somebody.session)
  const headers = { 'latchkey-background': '1' }
  const question = { method: 'GET', path: '/v1/sessions/current', token, headers, deadlineMs: 5000 }
  await Promise.all(gateways.map((gateway) => gateway.ask(question)))
}

function chooseGateway({ gateways }: Platform, index: number): GatewayClient {
  const gateway = gateways[index % gateways.length]
  if (gateway === undefined) throw new Error('no gateway')
  return gateway
}

/** Everybody is kept out everywhere, by one and the same block. */
async function askEverybody({ gateways }: Platform, people: readonly Idle[]): Promise<string[]> {
  const findings = await Promise.all(
    people.map(async ({ userId, session }) => {
      const answers = await Promise.all(gateways.map((gateway) => askUntilBlocked(gateway, session)))
      const admitted = answers.find(({ status }) => status !== 403)
      if (admitted !== undefined) return [`${userId} is answered ${admitted.status} ${admitted.text.slice(0, 100)}`]
      const ends = new Set(answers.map(({ text }) => readJson(text).blockedUntil))
      return ends.size === 1 ? [] : [`${userId} is blocked until ${[...ends].join(' and ')}`]
    })
  )
  return findings.flat()
}

/** Not sooner again than after the time for which somebody is let in unasked: until then each request is activity. */
async function askUntilBlocked(gateway: GatewayClient, session: Session): Promise<Answered> {
  for (let asks = 1; ; asks += 1) {
    const answered = await insist(() => askAccess(gateway, session))
    if (answered.status !== 200 || asks === MAX_ASKS) return answered
    await delay(UNASKED_MS)
  }
}

async function compare(people: readonly Idle[], { blocks }: EventLedger): Promise<string[]> {
  const list = () => {
    const untold = people.filter(({ userId }) => !blocks.has(userId)).length
    const repeated = [...blocks].filter(([, count]) => count > 1).length
    return [
      ...(untold > 0 ? [`no event tells of the blocks of ${untold} among ${people.length}`] : []),
      ...(repeated > 0 ? [`${repeated} were blocked more than once`] : []),
      ...(blocks.size > people.length ? ['somebody else was blocked'] : [])
    ]
  }
  return await eventually(
    async () => list(),
    (differences) => differences.length === 0,
    TOLD_WITHIN_MS
  )
}
