import { type Account, CHANGE_DEADLINE_MS, latestToken, type Session } from './account.ts'
import type { Administrator } from './administrator.ts'
import type { Answered, GatewayClient } from './gateway-client.ts'
import type { Measure } from './history.ts'
import type { Mails } from './mailed-links.ts'
import type { Random } from './random.ts'

export interface Ending {
  readonly account: Account
  /** Goes on where the route lets one go on. */
  readonly actor: Session
  /** One that is to end. */
  readonly victim: Session
  readonly others: readonly Session[]
  /** Acts for routes that take one. */
  readonly administrator: Pick<Administrator, 'ask'>
  readonly mails: Mails
  readonly gateway: GatewayClient
  readonly random: Random
}

/** What an ending came to. */
export interface Ended {
  readonly answered: Answered
  readonly isOk: boolean
}

type Ask = (ending: Ending) => Promise<Ended>

/** One way to end sessions, or to keep them from being used for as long as this test lasts. */
export interface Route {
  /** What it ends, of the sessions of the account. */
  readonly ends: 'victim' | 'others' | 'all'
  /** Whether asking once more is the same as asking once. */
  readonly isRepeatable: boolean
  /**
   * What has to be there before: nothing, a session opened for a device, one by a user agent of its own or by one that is
   * not the user's, a second factor, or as many sessions as the policy allows.
   */
  readonly needs?: 'device' | 'agent' | 'stranger' | 'factor' | 'full'
  /** What has to happen before, while the sessions are used; false when nobody knows whether it has, so that none is ended. */
  readonly prepare?: (ending: Ending) => Promise<boolean>
  readonly ask: Ask
  /**
   * Asked until it is answered where the outcome is not known. Without it each session signs out, which ends it whatever
   * has become of the route. Who is blocked cannot, and who is being deleted is told yes before all gateways know.
   */
  readonly settle?: Ask
  /** What is done to the user instead of ending each of the sessions. */
  readonly by?: Measure
}

export type Routes = Readonly<Record<string, Route>>

export async function call(ending: Ending, method: string, path: string, init: object = {}): Promise<Ended> {
  const answered = await ending.gateway.ask({ method, path, deadlineMs: CHANGE_DEADLINE_MS, ...init })
  return { answered, isOk: isSuccess(answered) }
}

export function isSuccess({ status }: Answered): boolean {
  return status >= 200 && status < 300
}

export const asActor = ({ actor }: Ending) => ({ token: latestToken(actor) })
export const asVictim = ({ victim }: Ending) => ({ token: latestToken(victim) })
