import { registerAccount, type Session } from '../history/account.ts'
import type { GatewayClient } from '../history/gateway-client.ts'
import { insist } from '../history/settle.ts'
import { askAccess, askRefreshOf, askRevoke } from './acts.ts'
import { findUnlike, tellAnswer } from './afterwards.ts'
import { checkChanger, checkMaybeChanged, checkPassword } from './check-changers.ts'
import type { Crowd, Ended, Held, Person } from './crowd.ts'

const AT_ONCE = 8

/** Everything that was answered with success has to be true still; what is not is told, a line each. */
export async function checkPromises(crowd: Crowd, gateways: readonly GatewayClient[]): Promise<string[]> {
  const [gateway] = gateways
  if (gateway === undefined) throw new Error('no gateway')
  const everywhere = (session: Session, wanted: number, what: string) => findUnlike(gateways, session, wanted, what)
  const checks: (() => Promise<string[]>)[] = [
    ...crowd.registered.map((person) => () => checkPassword(gateway, person)),
    ...crowd.changers.map((changer) => () => checkChanger(gateways, changer)),
    ...crowd.maybeChanged.map((changer) => () => checkMaybeChanged(gateways, changer)),
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

/** Alike ones once, with their number. */
function summarize(findings: readonly string[]): string[] {
  const byStart = Map.groupBy(findings, (finding) => finding.slice(0, 60))
  return [...byStart.values()].map((all) => `${all[0]} (${all.length} times)`)
}

async function checkMaybeAccount(gateway: GatewayClient, person: Person): Promise<string[]> {
  const answered = await insist(async () => (await registerAccount(gateway, person)).answered)
  if (answered.status === 201) return []
  if (answered.status !== 409) return [tellAnswer('a registration that is repeated', answered)]
  return await checkPassword(gateway, person)
}

async function checkRefresh(gateway: GatewayClient, { session }: Ended): Promise<string[]> {
  const answered = await insist(() => askRefreshOf(gateway, session))
  return answered.status === 401 ? [] : [tellAnswer('the refresh of an ended session', answered)]
}

/** An end can be asked for again whether or not it has come about. */
async function endAgain(gateway: GatewayClient, held: Held): Promise<string[]> {
  const used = await insist(() => askAccess(gateway, held.session))
  held.wasOver = used.status === 401
  const answered = await insist(() => askRevoke(gateway, held.session))
  return answered.status === 204 ? [] : [tellAnswer('an ending that is repeated', answered)]
}
