import { giveAdminRole } from '../administrators.ts'
import { eventually } from '../people.ts'
import {
  type Account,
  CHANGE_DEADLINE_MS,
  latestToken,
  PASSWORD_MARK,
  registerAccount,
  type Session,
  signInAccount
} from './account.ts'
import type { Answered, GatewayClient } from './gateway-client.ts'
import type { Recorder } from './recorder.ts'

export interface Appointment {
  readonly databaseUrl: string
  readonly gateways: readonly GatewayClient[]
  readonly recorder: Recorder
}

/**
 * An admin whose session nobody ends. It is used by one chapter, which is over before its access token is: that it is
 * refused is wrong at any time.
 */
export class Administrator {
  readonly #session: Session
  readonly #recorder: Recorder

  private constructor(session: Session, recorder: Recorder) {
    this.#session = session
    this.#recorder = recorder
  }

  /** Throws when the platform is not ready. */
  static async appoint({ databaseUrl, gateways, recorder }: Appointment): Promise<Administrator> {
    const [gateway] = gateways
    if (gateway === undefined) throw new Error('no gateway')
    const { account, userId } = await eventually(
      () => register(gateway),
      ({ userId }) => userId !== undefined
    )
    if (userId === undefined) throw new Error('nobody could be registered')
    await giveAdminRole(databaseUrl, userId)
    const { answered, session } = await eventually(
      () => signInAccount(gateway, account),
      ({ session }) => session !== undefined
    )
    if (session === undefined) throw new Error(`no admin: ${answered.status} ${answered.text}`)
    return new Administrator(session, recorder)
  }

  async ask(gateway: GatewayClient, method: string, path: string, body?: object): Promise<Answered> {
    const question = { method, path, token: latestToken(this.#session), ...(body === undefined ? {} : { body }) }
    const answered = await gateway.ask({ ...question, deadlineMs: CHANGE_DEADLINE_MS })
    if (answered.status === 401 || answered.status === 403) {
      const use = { kind: 'use', session: this.#session.id, gateway: gateway.index, isProbe: false } as const
      this.#recorder.noteUse(use, answered)
    }
    return answered
  }
}

async function register(gateway: GatewayClient): Promise<{ account: Account; userId: string | undefined }> {
  const name = `admin-${process.hrtime.bigint().toString(36)}`
  const account: Account = { name, password: `${PASSWORD_MARK} ${name}`, sessions: [] }
  await registerAccount(gateway, account)
  return { account, userId: account.userId }
}
