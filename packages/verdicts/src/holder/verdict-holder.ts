import { type ErrorCode, type Failure, fail, ok, type Result } from '@latchkey/contracts/errors'
import { type VerdictItem, verdictContract } from '@latchkey/contracts/verdict'
import { createClient } from '@latchkey/messaging/client'
import type { HolderRules } from '../rules.ts'
import { ClockGuard, systemClock } from './clock.ts'
import { Denials } from './denials.ts'
import type { Entry } from './entry.ts'
import { type Capture, Flights, type LookedUp, type Outcome } from './flights.ts'
import { Lease } from './lease.ts'
import {
  defaultHolderConfig,
  type FlushCause,
  type HolderConfig,
  type HolderOptions,
  type HolderState,
  type VerdictHolder
} from './options.ts'
import { createTally } from './tally.ts'
import { Tombstones } from './tombstones.ts'
import { VerdictCache } from './verdict-cache.ts'

type Answer<V, E extends ErrorCode> = Result<V, E | 'unavailable'>

/** An answer is asked for so often before the announcements that overtake it win. */
const MAX_ATTEMPTS = 3

export class Holder<V, E extends ErrorCode, C> implements VerdictHolder<V, E, C> {
  readonly #options: HolderOptions<V, E, C>
  readonly #rules: HolderRules
  readonly #config: HolderConfig
  readonly #now: () => number
  readonly #clockGuard: ClockGuard
  readonly #lease: Lease
  readonly #cache: VerdictCache<V>
  readonly #tombstones: Tombstones
  readonly #denials = new Denials<E>()
  readonly #flights = new Flights<V, E>()
  readonly #tally = createTally()
  #epoch = 0
  #asking = 0

  constructor(options: HolderOptions<V, E, C>, rules: HolderRules) {
    const { transport, log, clock = systemClock } = options
    const config = { ...defaultHolderConfig, ...options.config }
    this.#options = options
    this.#rules = rules
    this.#config = config
    this.#now = rules.usesMonotonicClock ? clock.monotonicMs : clock.wallMs
    this.#clockGuard = new ClockGuard(
      clock,
      rules.usesMonotonicClock ? config.clockToleranceMs : Number.POSITIVE_INFINITY
    )
    this.#cache = new VerdictCache(config.capacity)
    this.#tombstones = new Tombstones({
      lifetimeMs: config.lookUpTimeoutMs + config.leaseMs,
      capacity: config.tombstoneCapacity,
      refusesOnOverflow: rules.refusesOnOverflow
    })
    this.#lease = new Lease({
      transport,
      authority: createClient(verdictContract, transport, log),
      config,
      rules,
      clockGuard: this.#clockGuard,
      now: this.#now,
      log,
      obey: (items) => this.#obey(items),
      flush: (cause) => this.#flush(cause)
    })
  }

  judge(token: string, activity: boolean, call: C): Answer<V, E> | Promise<Answer<V, E>> {
    const now = this.#now()
    const entry = this.#cache.find(token)
    if (entry !== undefined && now < this.#lease.liveUntil && now < entry.endsAt && now < entry.idleEndsAt) {
      if (!this.#clockGuard.hasSlipped(now)) {
        this.#use(entry, activity, now)
        return entry.answer
      }
      this.#lease.doubt('clock')
    }
    const denial = this.#denials.find(token, now)
    if (denial === undefined) return this.#ask(token, activity, call)
    this.#tally.denials += 1
    return denial
  }

  async judgeAfresh(token: string, activity: boolean, call: C): Promise<Answer<V, E>> {
    return await this.#askAlone(token, activity, call)
  }

  start(): void {
    this.#lease.start()
  }

  async stop(): Promise<void> {
    await this.#lease.stop()
  }

  get state(): HolderState {
    const { announcements } = this.#lease
    return { ...this.#tally, announcements, live: this.#isLive(this.#now()), entries: this.#cache.size }
  }

  #isLive(now: number): boolean {
    return now < this.#lease.liveUntil
  }

  #use(entry: Entry<V>, activity: boolean, now: number): void {
    this.#tally.hits += 1
    entry.used = true
    if (!activity) return
    entry.lastUsedAt = Math.floor(now)
    entry.idleEndsAt = entry.lastUsedAt + entry.idleTtlMs
    this.#options.onUse?.(entry)
  }

  async #ask(token: string, activity: boolean, call: C): Promise<Answer<V, E>> {
    this.#tally.misses += 1
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      if (!this.#isLive(this.#now())) return await this.#askAlone(token, activity, call)
      const outcome = await this.#join(token, activity, call)
      if (outcome.kind === 'answered') return outcome.result
      this.#tally.overtaken += 1
    }
    return fail('unavailable')
  }

  /** Without a lease nothing tells whether an answer is still true a moment later: each request has one of its own. */
  async #askAlone(token: string, activity: boolean, call: C): Promise<Answer<V, E>> {
    if (this.#asking >= this.#config.maxLookUpsWithoutLease) {
      this.#tally.shed += 1
      return fail('unavailable')
    }
    this.#asking += 1
    try {
      const result = await this.#lookUp(token, activity, call)
      return result.ok ? ok(result.value.verdict) : this.#deny(token, result)
    } finally {
      this.#asking -= 1
    }
  }

  #join(token: string, activity: boolean, call: C): Promise<Outcome<V, E>> {
    const flight = this.#flights.find(token, activity)
    if (flight !== undefined && this.#mayJoin(flight.capture)) {
      this.#tally.joins += 1
      return flight.outcome
    }
    const capture = { sentAt: this.#now(), epoch: this.#epoch, count: this.#tombstones.count }
    const outcome = this.#lookUp(token, activity, call).then((result) => this.#land(token, result, capture))
    this.#flights.add(token, { capture, activity, outcome })
    return outcome
  }

  #mayJoin({ epoch, count }: Capture): boolean {
    return !this.#rules.detachesFlights || (epoch === this.#epoch && count === this.#tombstones.count)
  }

  #lookUp(token: string, activity: boolean, call: C): Promise<LookedUp<V, E>> {
    return this.#options.lookUp({ token, activity, timeoutMs: this.#config.lookUpTimeoutMs, call })
  }

  /** Synchronous from the answer to the cache: no announcement can come in between. */
  #land(token: string, result: LookedUp<V, E>, capture: Capture): Outcome<V, E> {
    if (!result.ok) return { kind: 'answered', result: this.#deny(token, result) }
    const { verdict, sessionId, userId } = result.value
    const now = this.#now()
    if (this.#rules.refusesOvertakenAnswers && this.#tombstones.isOvertaken(sessionId, userId, capture, now)) {
      return this.#rules.detachesFlights ? { kind: 'overtaken' } : { kind: 'answered', result: ok(verdict) }
    }
    if (capture.epoch !== this.#epoch || !this.#isLive(now)) return { kind: 'answered', result: ok(verdict) }
    const entry = this.#cache.keep(token, result.value, capture.sentAt)
    if (!this.#rules.keepsTombstones) this.#tombstones.forget(sessionId, userId)
    return { kind: 'answered', result: entry.answer }
  }

  #deny(token: string, failure: Failure<E>): Failure<E> {
    this.#denials.remember(token, failure, this.#now())
    return failure
  }

  #obey(items: readonly VerdictItem[]): void {
    const now = this.#now()
    for (const item of items) {
      this.#tombstones.note(item, now)
      if (item.kind === 'session') this.#cache.dropSession(item.id)
      else if (item.kind === 'user') this.#cache.dropUser(item.id)
      else this.#flush('everyone')
    }
    this.#options.onAnnounced?.(items)
  }

  #flush(cause: FlushCause): void {
    this.#epoch += 1
    this.#tally.flushes[cause] += 1
    this.#cache.clear()
    this.#flights.clear()
  }
}
