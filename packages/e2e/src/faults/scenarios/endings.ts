import { registerAccount, type Session, signInAccount } from '../../history/account.ts'
import type { Answered } from '../../history/gateway-client.ts'
import { insist } from '../../history/settle.ts'
import { askAccess } from '../acts.ts'
import type { Person } from '../crowd.ts'
import { describeAnswer } from '../observed.ts'
import type { Scenario, Stage } from '../scenario.ts'

const PEOPLE = 40
const SESSIONS_EACH = 8
const AT_ONCE = 10

interface Leaving {
  readonly person: Person
  readonly sessions: readonly Session[]
}

/** Registers people and signs them in on many devices, each seen at both gateways. */
async function gatherLeaving({ platform: { gateways }, crowd }: Stage): Promise<readonly Leaving[]> {
  const leaving: Leaving[] = []
  const [gateway] = gateways
  if (gateway === undefined) throw new Error('no gateway')
  const next = async () => {
    while (leaving.length < PEOPLE) {
      const person = crowd.createPerson()
      const sessions: Session[] = []
      leaving.push({ person, sessions })
      const first = await registerAccount(gateway, person)
      if (first.session !== undefined) sessions.push(first.session)
      while (sessions.length > 0 && sessions.length < SESSIONS_EACH) {
        const { session } = await signInAccount(gateway, person)
        if (session === undefined) break
        sessions.push(session)
      }
      for (const session of sessions) await Promise.all(gateways.map((each) => askAccess(each, session)))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, next))
  return leaving
}

/** All sessions of one person, ended at once. */
interface Ending {
  readonly sessions: number
  readonly answered: Answered
  /** Answers to those who used one afterwards. */
  readonly uses: readonly Answered[]
}

/** All of each at once; each is over by the time it is answered. */
function endAll(stage: Stage, leaving: readonly Leaving[]): Promise<readonly Ending[]> {
  return Promise.all(leaving.map((each) => endAllOf(stage, each)))
}

async function endAllOf({ platform: { gateways }, crowd, random }: Stage, { person, sessions }: Leaving) {
  const token = sessions[0]?.accessTokens[0] ?? ''
  const question = { method: 'DELETE', path: '/v1/sessions', token, deadlineMs: 6000 }
  const answered = await random.pick(gateways).ask(question)
  for (const each of sessions) {
    const held = { person, session: each, endBegun: answered.start }
    if (answered.status === 200) crowd.ended.push({ ...held, endedAt: answered.end })
    else crowd.maybeEnded.push(held)
  }
  const uses = await Promise.all(sessions.map((each) => insist(() => askAccess(random.pick(gateways), each))))
  return { sessions: sessions.length, answered, uses }
}

/** Everybody had all of their sessions, every end came about, and nothing was accepted afterwards. */
function judgeEndings(endings: readonly Ending[]): string[] {
  const whole = endings.filter(({ sessions }) => sessions === SESSIONS_EACH).length
  const unanswered = endings.filter(({ answered }) => answered.status !== 200)
  const late = endings.flatMap(({ uses }) => uses).filter(({ status }) => status !== 401)
  const tell = (what: string, [first, ...others]: readonly Answered[]) =>
    first === undefined ? [] : [`${what} is answered ${describeAnswer(first)} (${others.length + 1} times)`]
  return [
    ...(whole === PEOPLE ? [] : [`${whole} of ${PEOPLE} people had ${SESSIONS_EACH} sessions to end`]),
    ...tell(
      'an end of all sessions',
      unanswered.map(({ answered }) => answered)
    ),
    ...tell('a session that has ended', late)
  ]
}

function createBurst(): Scenario {
  let endings: readonly Ending[] = []
  return {
    name: 'burst-of-endings',
    fault: `${PEOPLE} people end all of their ${SESSIONS_EACH} sessions at the same moment`,
    forMs: 0,
    stays: ['access', 'signIn', 'register', 'refresh', 'revoke'],
    begin: async (stage) => {
      endings = await endAll(stage, await gatherLeaving(stage))
      return () => undefined
    },
    check: () => judgeEndings(endings)
  }
}

export const endingScenarios: readonly Scenario[] = [createBurst()]
