import { type ErrorCode, ok, type Result } from '@latchkey/contracts/errors'
import { type VerdictItem, verdictContract } from '@latchkey/contracts/verdict'
import { createClient } from '@latchkey/messaging/client'
import type { HolderRules } from '../rules.ts'
import { ClockGuard, systemClock } from './clock.ts'
import type { Entry } from './entry.ts'
import { type Capture, Flights, type LookedUp, type Outcome } from './flights.ts'
import { Lease } from './lease.ts'
import { type Asked, LookUps } from './look-ups.ts'
import {
  defaultHolderConfig,
  type FlushCause,
  type HolderOptions,
  type HolderState,
  type VerdictHolder
} from './options.ts'
import { createTally } from './tally.ts'
import { TokenKeys } from './token-key.ts'
import { Tombstones } from './tombstones.ts'
import { VerdictCache } from './verdict-cache.ts'

type Answer<V, E extends ErrorCode> = Result<V, E | 'unavailable'>

/** So often an answer is asked for that others may share; if announcements overtake each, one is asked for alone. */
const MAX_ATTEMPTS = 3

export class Holder<V, E extends ErrorCode, C> implements VerdictHolder<V, E, C> {
  readonly #options: HolderOptions<V, E, C>
  readonly #rules: HolderRules
  readonly #now: () => number
  readonly #clockGuard: ClockGuard
  readonly #lease: Lease
  readonly #keys = new TokenKeys()
  readonly #cache: VerdictCache<V>
  readonly #tombstones: Tombstones
  readonly #lookUps: LookUps<V, E, C>
  readonly #flights = new Flights<V, E>()
  readonly #tally = createTally()
  #epoch = 0

  constructor(options: HolderOptions<V, E, C>, rules: HolderRules) {
    const { transport, log, clock = systemClock } = options
    const config = { ...defaultHolderConfig, ...options.config }
    this.#options = options
    this.#rules = rules
    this.#now = rules.usesMonotonicClock ? clock.monotonicMs : clock.wallMs
    this.#clockGuard = new ClockGuard(
      clock,
      rules.usesMonotonicClock ? config.clockToleranceMs : Number.POSITIVE_INFINITY
    )
    this.#cache = new VerdictCache(config.capacity)
    this.#lookUps = new LookUps({ lookUp: options.lookUp, config, now: this.#now, tally: this.#tally })
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
    const key = this.#keys.find(token)
    const entry = this.#findUsable(key, now)
    if (entry !== undefined) {
      this.#use(entry, activity, now)
      return entry.answer
    }
    const denial = this.#lookUps.findDenial(key, now)
    if (denial === undefined) return this.#ask({ token, key, activity, call })
    this.#tally.denials += 1
    return denial
  }

  recall(token: string, activity: boolean): V | undefined {
    const now = this.#now()
    const entry = this.#findUsable(this.#keys.find(token), now)
    if (entry === undefined) return undefined
    this.#use(entry, activity, now)
    return entry.answer.value
  }

  async judgeAfresh(token: string, activity: boolean, call: C): Promise<Answer<V, E>> {
    return await this.#lookUps.askAlone({ token, key: this.#keys.find(token), activity, call })
  }

  doubtAll(): void {
    this.#obey([{ kind: 'everyone' }])
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

  #findUsable(key: string, now: number): Entry<V> | undefined {
    const entry = this.#cache.find(key)
    if (entry === undefined || now >= this.#lease.liveUntil || now >= entry.endsAt || now >= entry.idleEndsAt) {
      return undefined
    }
    if (!this.#clockGuard.hasSlipped(now)) return entry
    this.#lease.doubt('clock')
    return undefined
  }

  #use(entry: Entry<V>, activity: boolean, now: number): void {
    this.#tally.hits += 1
    entry.used = true
    if (!activity) return
    entry.lastUsedAt = Math.floor(now)
    entry.idleEndsAt = entry.lastUsedAt + entry.idleTtlMs
    this.#options.onUse?.(entry)
  }

  async #ask(asked: Asked<C>): Promise<Answer<V, E>> {
    this.#tally.misses += 1
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      if (!this.#isLive(this.#now())) return await this.#lookUps.askAlone(asked)
      const outcome = await this.#join(asked)
      if (outcome.kind === 'answered') return outcome.result
      this.#tally.overtaken += 1
    }
    // Begun after this request and shared with none: whatever had been answered before, it has seen.
    return await this.#lookUps.askAlone(asked)
  }

  #join(asked: Asked<C>): Promise<Outcome<V, E>> {
    const { key, activity } = asked
    const flight = this.#flights.find(key, activity)
    if (flight !== undefined && this.#mayJoin(flight.capture)) {
      this.#tally.joins += 1
      return flight.outcome
    }
    const capture = { sentAt: this.#now(), epoch: this.#epoch, count: this.#tombstones.count }
    const outcome = this.#lookUps.ask(asked).then((result) => this.#land(key, result, capture))
    this.#flights.add(key, { capture, activity, outcome })
    return outcome
  }

  #mayJoin({ epoch, count }: Capture): boolean {
    return !this.#rules.detachesFlights || (epoch === this.#epoch && count === this.#tombstones.count)
  }

  /** Synchronous from the answer to the cache: no announcement can come in between. */
  #land(key: string, result: LookedUp<V, E>, capture: Capture): Outcome<V, E> {
    if (!result.ok) return { kind: 'answered', result: this.#lookUps.deny(key, result) }
    const { verdict, sessionId, userId } = result.value
    const now = this.#now()
    if (this.#rules.refusesOvertakenAnswers && this.#tombstones.isOvertaken(sessionId, userId, capture, now)) {
      return this.#rules.detachesFlights ? { kind: 'overtaken' } : { kind: 'answered', result: ok(verdict) }
    }
    if (capture.epoch !== this.#epoch || !this.#isLive(now)) return { kind: 'answered', result: ok(verdict) }
    const entry = this.#cache.keep(key, result.value, capture.sentAt)
    if (!this.#rules.keepsTombstones) this.#tombstones.forget(sessionId, userId)
    return { kind: 'answered', result: entry.answer }
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
    this.#keys.forget()
  }
}
