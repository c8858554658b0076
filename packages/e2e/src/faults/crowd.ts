import { type Account, PASSWORD_MARK, type Session } from '../history/account.ts'

export type Person = Account

/** Somebody who changes their password, in one session: that ends the other one. */
export interface Changer {
  readonly person: Person
  readonly session: Session
  readonly other: Session
}

/** A change whose outcome nobody was told. */
export interface MaybeChanged extends Changer {
  readonly begunAt: number
  readonly newPassword: string
  /** As found out in the end. */
  hasChanged: boolean | undefined
}

/** A session of a person, and what was done to it. */
export interface Held {
  readonly person: Person
  readonly session: Session
  /** Somebody began to end it. */
  endBegun: number | undefined
  /** Where nobody was told whether it had ended: whether it had, as found out in the end. */
  wasOver?: boolean
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
  /** Those of whose password everybody knows which it is. */
  readonly changers: Changer[] = []
  readonly maybeChanged: MaybeChanged[] = []
  /** Others who have an account for certain. */
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
    return { name, password: `the first ${PASSWORD_MARK} ${name}`, sessions: [] }
  }
}
