import { registerAccount, type Session, signInAccount } from '../../history/account.ts'
import { insist } from '../../history/settle.ts'
import { askAccess } from '../acts.ts'
import type { Person } from '../crowd.ts'
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
  return leaving.filter(({ sessions }) => sessions.length > 0)
}

/** All of each at once; each is over by the time it is answered. */
async function endAll({ platform: { gateways }, crowd, random }: Stage, leaving: readonly Leaving[]): Promise<void> {
  const ends = leaving.map(async ({ person, sessions }) => {
    const [session] = sessions
    if (session === undefined) return
    const token = session.accessTokens[0] ?? ''
    const question = { method: 'DELETE', path: '/v1/sessions', token, deadlineMs: 6000 }
    const answered = await random.pick(gateways).ask(question)
    for (const each of sessions) {
      const held = { person, session: each, endBegun: answered.start }
      if (answered.status === 200) crowd.ended.push({ ...held, endedAt: answered.end })
      else crowd.maybeEnded.push(held)
    }
    const uses = sessions.map((each) => insist(() => askAccess(random.pick(gateways), each)))
    const late = (await Promise.all(uses)).filter(({ status }) => answered.status === 200 && status !== 401)
    if (late.length > 0) throw new Error(`after the end of all sessions ${late.length} are answered ${late[0]?.status}`)
  })
  await Promise.all(ends)
}

export const endingScenarios: readonly Scenario[] = [
  {
    name: 'burst-of-endings',
    fault: `${PEOPLE} people end all of their ${SESSIONS_EACH} sessions at the same moment`,
    forMs: 0,
    stays: ['access', 'signIn', 'register', 'refresh', 'revoke'],
    begin: async (stage) => {
      await endAll(stage, await gatherLeaving(stage))
      return () => undefined
    }
  }
]
