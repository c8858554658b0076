import { registerAccount, type Session, signInAccount } from '../history/account.ts'
import type { Answered, GatewayClient } from '../history/gateway-client.ts'
import { insist } from '../history/settle.ts'
import { askAccess, askRefreshOf, askRevoke } from './acts.ts'
import type { Crowd, Ended, Held, Person } from './crowd.ts'

const AT_ONCE = 8

/** Everything that was answered with success has to be true still; what is not is told, a line each. */
export async function checkPromises(crowd: Crowd, gateways: readonly GatewayClient[]): Promise<string[]> {
  const [gateway] = gateways
  if (gateway === undefined) throw new Error('no gateway')
  const everywhere = async (session: Session, wanted: number, what: string) => {
    const answers = await Promise.all(gateways.map((each) => insist(() => askAccess(each, session))))
    return answers.filter(({ status }) => status !== wanted).map((answer) => tell(what, answer))
  }
  const checks: (() => Promise<string[]>)[] = [
    ...crowd.registered.map((person) => () => checkAccount(gateway, person)),
    ...crowd.maybeRegistered.map((person) => () => checkMaybeAccount(gateway, person)),
    ...crowd.steady.map(
      ({ session }) =>
        () =>
          everywhere(session, 200, 'a live session')
    ),
    ...crowd.ended.map((ended) => async () => [
      ...(await everywhere(ended.session, 401, 'an ended session')),
      ...(await checkRefresh(gateway, ended))
    ]),
    ...crowd.maybeEnded.map((held) => async () => [
      ...(await endAgain(gateway, held)),
      ...(await everywhere(held.session, 401, 'a session that was ended again'))
    ]),
    ...crowd.blocked.map(
      ({ session }) =>
        () =>
          everywhere(session, 403, 'a blocked user')
    )
  ]
  const findings: string[] = []
  const next = async () => {
    for (let check = checks.pop(); check !== undefined; check = checks.pop()) findings.push(...(await check()))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, next))
  return summarize(findings)
}

function tell(what: string, { status, text }: Answered): string {
  return `afterwards ${what} is answered ${status} ${text.slice(0, 100)}`
}

/** Alike ones once, with their number. */
function summarize(findings: readonly string[]): string[] {
  const byStart = Map.groupBy(findings, (finding) => finding.slice(0, 60))
  return [...byStart.values()].map((all) => `${all[0]} (${all.length} times)`)
}

/** Of a change of the password that nobody knows the outcome of one of both passwords works. */
async function checkAccount(gateway: GatewayClient, person: Person): Promise<string[]> {
  const candidates = [person.password, person.maybePassword].filter((password) => password !== undefined)
  const answers: Answered[] = []
  for (const password of candidates) {
    answers.push(await insist(async () => (await signInAccount(gateway, { ...person, password })).answered))
  }
  const working = answers.filter(({ status }) => status === 201).length
  if (working === 1) return []
  return [tell(`the password of an account (${working} of ${candidates.length} work)`, answers[0] ?? missing())]
}

async function checkMaybeAccount(gateway: GatewayClient, person: Person): Promise<string[]> {
  const answered = await insist(async () => (await registerAccount(gateway, person)).answered)
  if (answered.status === 201) return []
  if (answered.status !== 409) return [tell('a registration that is repeated', answered)]
  return await checkAccount(gateway, person)
}

async function checkRefresh(gateway: GatewayClient, { session }: Ended): Promise<string[]> {
  const answered = await insist(() => askRefreshOf(gateway, session))
  return answered.status === 401 ? [] : [tell('the refresh of an ended session', answered)]
}

async function endAgain(gateway: GatewayClient, { session }: Held): Promise<string[]> {
  const answered = await insist(() => askRevoke(gateway, session))
  return answered.status === 204 || answered.status === 401 ? [] : [tell('an ending that is repeated', answered)]
}

function missing(): never {
  throw new Error('no answer')
}
