import { signInAccount } from '../history/account.ts'
import type { GatewayClient } from '../history/gateway-client.ts'
import { insist } from '../history/settle.ts'
import { eventually } from '../people.ts'
import { findUnlike, tellAnswer } from './afterwards.ts'
import type { Changer, MaybeChanged, Person } from './crowd.ts'

/** What a crash has left to be ended is taken up after 4 s; then the rest of the time to recover in. */
const SETTLED_WITHIN_MS = 8000

export async function checkPassword(gateway: GatewayClient, person: Person): Promise<string[]> {
  const answered = await trySignIn(gateway, person)
  return answered.status === 201 ? [] : [tellAnswer('the password of an account', answered)]
}

/** Their last change is over: both sessions are later ones, or those that change a password. */
export async function checkChanger(
  gateways: readonly GatewayClient[],
  { person, session, other }: Changer
): Promise<string[]> {
  const [gateway] = gateways
  if (gateway === undefined) throw new Error('no gateway')
  return [
    ...(await checkPassword(gateway, person)),
    ...(await findUnlike(gateways, session, 200, 'the session that changed the password')),
    ...(await findUnlike(gateways, other, 200, 'a session that was opened after the change of the password'))
  ]
}

/** One of both passwords works: the old one and every session with it, or the new one and only the session that changed it. */
export async function checkMaybeChanged(gateways: readonly GatewayClient[], changer: MaybeChanged): Promise<string[]> {
  const { person, session, other, newPassword } = changer
  const [gateway] = gateways
  if (gateway === undefined) throw new Error('no gateway')
  const byOld = await trySignIn(gateway, person)
  const byNew = await trySignIn(gateway, { ...person, password: newPassword })
  const working = [byOld, byNew].filter(({ status }) => status === 201).length
  if (working !== 1) return [tellAnswer(`the password of an account (${working} of 2 work)`, byOld)]
  changer.hasChanged = byNew.status === 201
  const checkOther = changer.hasChanged
    ? () => findUnlike(gateways, other, 401, 'a session from before a change of the password')
    : () => findUnlike(gateways, other, 200, 'a session beside a change of the password that came to nothing')
  return [
    ...(await findUnlike(gateways, session, 200, 'the session that changed the password')),
    ...(await eventually(checkOther, (findings) => findings.length === 0, SETTLED_WITHIN_MS))
  ]
}

function trySignIn(gateway: GatewayClient, person: Person) {
  return insist(async () => (await signInAccount(gateway, person)).answered)
}
