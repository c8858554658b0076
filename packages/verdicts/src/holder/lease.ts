import type { Client } from '@latchkey/contracts/define'
import { type Announcement, type VerdictItem, type verdictContract, verdictMessages } from '@latchkey/contracts/verdict'
import type { Log } from '@latchkey/messaging/client'
import type { Message, Subscription, Transport } from '@latchkey/messaging/transport'
import type { HolderRules } from '../rules.ts'
import { readAnnouncement } from '../wire.ts'
import type { ClockGuard } from './clock.ts'
import { type Grant, Membership } from './membership.ts'
import type { FlushCause, HolderConfig } from './options.ts'

export interface LeaseOptions {
  readonly transport: Transport
  readonly authority: Pick<Client<typeof verdictContract>, 'renew' | 'leave'>
  readonly config: HolderConfig
  readonly rules: HolderRules
  readonly clockGuard: ClockGuard
  readonly now: () => number
  readonly log: Log
  /** Obeys what was announced, at once. */
  readonly obey: (items: readonly VerdictItem[]) => void
  /** Drops everything kept and under way. */
  readonly flush: (cause: FlushCause) => void
}

/** What is not understood is repeated until it is acknowledged, which it never is: the log hears of it so often at most. */
const QUIET_MS = 10_000

/** The right to use what is kept: gained by renewals, lost by time and by doubt. */
export class Lease {
  readonly #options: LeaseOptions
  readonly #membership: Membership
  /** What is kept may be used before this, by the monotonic clock. Read at every use. */
  liveUntil = Number.NEGATIVE_INFINITY
  announcements = 0
  #incarnation = ''
  #seq = 0
  /** Counts doubts: a renewal sent before one grants nothing after it. */
  #doubts = 0
  /** Whether anything has come through the subscription since the last doubt. */
  #heard = false
  /** May hear nothing: asks for no lease, or every change would have to wait for the end of what is not used. */
  #deaf = false
  #renewing = false
  #stopped = false
  #unreadableToldAt = Number.NEGATIVE_INFINITY
  #renewals: NodeJS.Timeout | undefined
  #subscription: Subscription | undefined

  constructor(options: LeaseOptions) {
    this.#options = options
    this.#membership = new Membership(options)
  }

  start(): void {
    const { transport, config } = this.#options
    this.#subscribe()
    transport.onState((state) => {
      if (this.#stopped) return
      this.doubt('connection')
      if (state === 'connected') void this.#renew()
    })
    this.#renewals = setInterval(() => void this.#renew(), config.renewMs)
    this.#renewals.unref()
    void this.#renew()
  }

  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    clearInterval(this.#renewals)
    this.#doubts += 1
    this.liveUntil = Number.NEGATIVE_INFINITY
    this.#options.flush('stopped')
    await this.#membership.leave()
    await this.#subscription?.drain()
  }

  /** Something happened after which an announcement may have been missed. */
  doubt(cause: FlushCause): void {
    this.#doubts += 1
    this.#heard = false
    if (!this.#options.rules.dropsOnDoubt) return
    this.liveUntil = Number.NEGATIVE_INFINITY
    this.#options.flush(cause)
  }

  #subscribe(): void {
    const { transport, rules } = this.#options
    const refused = () => {
      if (this.#stopped) return
      this.doubt('subscription')
      // Whoever goes on to use what is kept has to be waited for.
      if (!rules.dropsOnDoubt) return
      this.#deaf = true
      void this.#membership.leave()
    }
    const granted = () => {
      this.#deaf = false
      void this.#renew()
    }
    const take = (message: Message) => this.#hear(message)
    this.#subscription = transport.subscribe(verdictMessages.announced.subject, take, { refused, granted })
  }

  #hear(message: Message): void {
    if (this.#stopped) return
    const announcement = readAnnouncement(message)
    if (announcement === undefined) {
      this.#tellUnreadable()
      this.doubt('unreadable')
      void this.#renew()
      return
    }
    this.#heard = true
    if (announcement.items.length > 0) this.#take(announcement)
    if (announcement.incarnation !== this.#incarnation) void this.#renew()
  }

  #tellUnreadable(): void {
    const now = this.#options.now()
    if (now - this.#unreadableToldAt < QUIET_MS) return
    this.#unreadableToldAt = now
    this.#options.log.warn({}, 'announcement is not readable')
  }

  #take(announcement: Announcement): void {
    const { rules, obey, config } = this.#options
    const { incarnation, seq, items } = announcement
    this.announcements += 1
    if (rules.obeysBeforeAcknowledging) obey(items)
    else setTimeout(() => obey(items), config.renewMs)
    // A larger step is a gap; the next renewal brings what was missed.
    if (incarnation === this.#incarnation && seq === this.#seq + 1) this.#seq = seq
    this.#membership.acknowledge(announcement)
  }

  async #renew(): Promise<void> {
    const { log, now } = this.#options
    if (this.#renewing || this.#stopped || this.#deaf) return
    this.#renewing = true
    const sentAt = now()
    const doubts = this.#doubts
    try {
      const known = { incarnation: this.#incarnation, seq: this.#seq, heard: this.#heard }
      const reply = await this.#membership.renew(known)
      if (reply.ok && doubts === this.#doubts) this.#extend(reply.value, sentAt)
    } catch (err) {
      log.warn({ err }, 'lease on verdicts could not be renewed')
    } finally {
      this.#renewing = false
    }
    // A doubt came meanwhile: the next renewal shall not wait for its turn.
    if (doubts !== this.#doubts && this.#options.transport.state === 'connected') void this.#renew()
  }

  #extend(grant: Grant, sentAt: number): void {
    const { rules, config, clockGuard, now, flush } = this.#options
    const receivedAt = now()
    if (clockGuard.hasSlipped(receivedAt)) {
      clockGuard.settle()
      this.doubt('clock')
      return
    }
    const lapsed = this.liveUntil !== Number.NEGATIVE_INFINITY && receivedAt >= this.liveUntil
    if (lapsed && rules.dropsOnLapse) flush('lapsed')
    this.#catchUp(grant)
    if (!this.#heard) return
    const countedFrom = rules.countsLeaseFromSending ? sentAt : receivedAt
    const leaseMs = Math.min(grant.leaseMs, config.leaseMs)
    this.liveUntil = Math.min(countedFrom + leaseMs, receivedAt + config.heartbeatDeadMs)
    if (!rules.judgesByLease) this.liveUntil = Number.POSITIVE_INFINITY
    clockGuard.settle()
  }

  #catchUp({ incarnation, seq, complete, missed }: Grant): void {
    const { rules, obey, flush } = this.#options
    const known = incarnation === this.#incarnation
    if (rules.checksSequence) {
      if (complete) obey(missed)
      else if (this.#incarnation !== '') flush(known ? 'gap' : 'registry')
    }
    this.#incarnation = incarnation
    this.#seq = known ? Math.max(this.#seq, seq) : seq
  }
}
