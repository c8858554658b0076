import { setTimeout as delay } from 'node:timers/promises'
import { runSql } from '@latchkey/testing/dumps'
import { type Account, registerAccount, type Session, signInAccount } from '../history/account.ts'
import { type Answered, readJson } from '../history/gateway-client.ts'
import type { Platform } from './platform.ts'

/** An account with what its owner was told of it. */
export interface Person extends Account {
  /** The password of a change whose outcome nobody knows. */
  maybePassword: string | undefined
  isBusy: boolean
}

/** A session of a person, and what was done to it. */
export interface Held {
  readonly person: Person
  readonly session: Session
  /** Somebody began to end it. */
  endBegun: number | undefined
}

export interface Ended extends Held {
  /** When it had ended for certain, since that was answered. */
  readonly endedAt: number
}

/** Who uses the platform, and everything that it has promised them: nothing of it may be lost. */
export class Crowd {
  /** Live sessions that nobody ends. */
  readonly steady: Held[] = []
  /** Live sessions that are to be ended. */
  readonly victims: Held[] = []
  readonly ended: Ended[] = []
  /** Endings that were asked for and not answered with success. */
  readonly maybeEnded: Held[] = []
  readonly signers: Person[] = []
  readonly changers: Person[] = []
  /** Everybody who has an account for certain. */
  readonly registered: Person[] = []
  readonly maybeRegistered: Person[] = []
  readonly blocked: Ended[] = []
  /** Signed in with the role, on a session of the steady ones. */
  admin: Held | undefined
  #count = 0

  /** Somebody new, whom the platform does not know yet. */
  createPerson(): Person {
    this.#count += 1
    const name = `person-${this.#count}-${process.hrtime.bigint().toString(36)}`
    return { name, password: `the first password of ${name}`, sessions: [], maybePassword: undefined, isBusy: false }
  }
}

/** What has just started on a busy machine may need some time more. */
const MAX_ATTEMPTS = 20
const ATTEMPT_PAUSE_MS = 200

const STEADY = 8
const SIGNERS = 6
const CHANGERS = 5

/** Registers those who are there from the beginning. */
export async function gatherCrowd({ gateways, environment }: Platform): Promise<Crowd> {
  const crowd = new Crowd()
  const [gateway] = gateways
  if (gateway === undefined) throw new Error('no gateway')
  const join = async (attempt = 1): Promise<Held & { readonly userId: string | undefined }> => {
    const person = crowd.createPerson()
    const { session, answered } = await registerAccount(gateway, person)
    if (session === undefined) {
      if (attempt === MAX_ATTEMPTS) throw new Error(`the platform is not ready: ${answered.status} ${answered.text}`)
      await delay(ATTEMPT_PAUSE_MS)
      return join(attempt + 1)
    }
    crowd.registered.push(person)
    return { person, session, endBegun: undefined, userId: readUserId(answered) }
  }
  const joinAll = (count: number) => Promise.all(Array.from({ length: count }, () => join()))
  crowd.steady.push(...(await joinAll(STEADY)))
  for (const held of await joinAll(SIGNERS)) {
    crowd.signers.push(held.person)
    crowd.steady.push(held)
  }
  for (const held of await joinAll(CHANGERS)) {
    held.person.sessions.push(held.session)
    crowd.changers.push(held.person)
  }
  const [admin] = await joinAll(1)
  if (admin?.userId === undefined) throw new Error('nobody to be the admin')
  const change = `update users set role = 'admin', profile_version = profile_version + 1 where id = '${admin.userId}'`
  await runSql(environment.DATABASE_URL ?? '', change)
  const { session } = await signInAccount(gateway, admin.person)
  if (session !== undefined) crowd.admin = { ...admin, session }
  return crowd
}

/** Whom a registration was about. */
export function readUserId({ text }: Answered): string | undefined {
  const { user } = readJson(text)
  return typeof user === 'object' && user !== null && 'id' in user ? String(user.id) : undefined
}
