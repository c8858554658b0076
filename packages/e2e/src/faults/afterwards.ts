import type { Session } from '../history/account.ts'
import type { Answered, GatewayClient } from '../history/gateway-client.ts'
import { insist } from '../history/settle.ts'
import { askAccess } from './acts.ts'

/** What the session is answered when all is well again: a line for each gateway where that is something else. */
export async function findUnlike(
  gateways: readonly GatewayClient[],
  session: Session,
  wanted: number,
  what: string
): Promise<string[]> {
  const answers = await Promise.all(gateways.map((each) => insist(() => askAccess(each, session))))
  return answers.filter(({ status }) => status !== wanted).map((answer) => tellAnswer(what, answer))
}

export function tellAnswer(what: string, { status, text }: Answered): string {
  return `afterwards ${what} is answered ${status} ${text.slice(0, 100)}`
}
