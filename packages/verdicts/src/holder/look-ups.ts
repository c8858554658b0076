import { type ErrorCode, type Failure, fail, ok, type Result } from '@latchkey/contracts/errors'
import { Denials } from './denials.ts'
import type { LookedUp } from './flights.ts'
import type { HolderConfig, LookUp } from './options.ts'
import type { Tally } from './tally.ts'

/** One request's question, with the key its token is kept under. */
export interface Asked<C> {
  readonly token: string
  readonly key: string
  readonly activity: boolean
  readonly call: C
}

export interface LookUpsOptions<V, E extends ErrorCode, C> {
  readonly lookUp: LookUp<V, E, C>
  readonly config: HolderConfig
  readonly now: () => number
  readonly tally: Tally
}

/** Asks the truth, and remembers those of its refusals that stay. */
export class LookUps<V, E extends ErrorCode, C> {
  readonly #options: LookUpsOptions<V, E, C>
  readonly #denials = new Denials<E>()
  #alone = 0

  constructor(options: LookUpsOptions<V, E, C>) {
    this.#options = options
  }

  /** Without a lease nothing tells whether an answer is still true a moment later: each request has one of its own. */
  async askAlone(asked: Asked<C>): Promise<Result<V, E | 'unavailable'>> {
    const { config, tally } = this.#options
    if (this.#alone >= config.maxLookUpsWithoutLease) {
      tally.shed += 1
      return fail('unavailable')
    }
    this.#alone += 1
    try {
      const result = await this.ask(asked)
      return result.ok ? ok(result.value.verdict) : this.deny(asked.key, result)
    } finally {
      this.#alone -= 1
    }
  }

  ask({ token, activity, call }: Asked<C>): Promise<LookedUp<V, E>> {
    const { lookUp, config } = this.#options
    return lookUp({ token, activity, timeoutMs: config.lookUpTimeoutMs, call })
  }

  deny(key: string, failure: Failure<E>): Failure<E> {
    this.#denials.remember(key, failure, this.#options.now())
    return failure
  }

  findDenial(key: string, now: number): Failure<E> | undefined {
    return this.#denials.find(key, now)
  }
}
