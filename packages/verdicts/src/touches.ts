import { type Touch, verdictMessages } from '@latchkey/contracts/verdict'
import type { Log } from '@latchkey/messaging/client'
import type { Subscription, Transport } from '@latchkey/messaging/transport'
import type { UsedSession } from './touches/used-session.ts'
import { readTouchBatch, toMessage } from './wire.ts'

export type { UsedSession } from './touches/used-session.ts'

export interface TouchOptions {
  /** Hands one batch on; a rejected one is kept and handed on with the next. */
  readonly publish: (touches: readonly Touch[]) => Promise<void>
  readonly log: Log
  readonly intervalMs?: number
  /** Uses kept at most; past it the oldest go, and are counted. */
  readonly capacity?: number
  readonly now?: () => number
}

export interface Touches {
  /** Costs a comparison for a session that is in the batch already. Its `lastUsedAt` is read when the batch leaves. */
  record(session: UsedSession): void
  flush(): Promise<void>
  /** Sends what there is and ends. */
  stop(): Promise<void>
  readonly dropped: number
  /** Uses that have still to be told. */
  readonly waiting: number
}

const INTERVAL_MS = 1000
/** A session is told of so often at most, however busy it is, and so many times in its idle time at least. */
const LONGEST_STEP_MS = 5000
const STEPS_PER_IDLE = 20
const CAPACITY = 100_000
/** Fits the largest message the bus takes. */
const TOUCHES_PER_MESSAGE = 3000

/**
 * Collects uses of sessions, each session once with its latest use, and hands them on in one batch per interval: the
 * first use of a while with the next batch, those after it some seconds later, so that busy sessions cost next to nothing.
 */
export function createTouches(options: TouchOptions): Touches {
  return new TouchBuffer(options)
}

class TouchBuffer implements Touches {
  readonly #options: TouchOptions
  readonly #now: () => number
  readonly #capacity: number
  readonly #timer: NodeJS.Timeout
  #recorded: UsedSession[] = []
  /** Where the recorded ones begin: those before were dropped. */
  #head = 0
  /** What could not be handed on. */
  #unsent: readonly UsedSession[] = []
  #flushing: Promise<void> = Promise.resolve()
  dropped = 0

  constructor(options: TouchOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
    this.#capacity = options.capacity ?? CAPACITY
    this.#timer = setInterval(() => void this.flush(), options.intervalMs ?? INTERVAL_MS)
    this.#timer.unref()
  }

  get waiting(): number {
    return this.#recorded.length - this.#head + this.#unsent.length
  }

  record(session: UsedSession): void {
    if (session.waits) return
    session.waits = true
    this.#recorded.push(session)
    if (this.#recorded.length - this.#head <= this.#capacity) return
    const oldest = this.#recorded[this.#head]
    if (oldest !== undefined) oldest.waits = false
    this.#head += 1
    this.dropped += 1
    if (this.#head > this.#capacity) this.#compact()
  }

  flush(): Promise<void> {
    return this.#flush(false)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#flush(true)
  }

  #flush(all: boolean): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#send(all))
    return this.#flushing
  }

  async #send(all: boolean): Promise<void> {
    const now = Math.floor(this.#now())
    const sessions = this.#take(all ? () => true : (session) => isDue(session, now))
    if (sessions.length === 0) return
    const touches = sessions.map(({ sessionId, userId, lastUsedAt }) => {
      return { sessionId, userId, ageMs: Math.max(0, Math.round(now - lastUsedAt)) }
    })
    try {
      await this.#options.publish(touches)
      for (const session of sessions) session.toldAt = now
    } catch (err) {
      this.#options.log.debug({ err }, 'touches wait')
      this.#unsent = sessions
    }
  }

  /** Those that are due, one of each session with its latest use; the others wait on. */
  #take(isTaken: (session: UsedSession) => boolean): readonly UsedSession[] {
    const waiting: UsedSession[] = []
    const taken: UsedSession[] = []
    for (const session of this.#recorded.slice(this.#head)) (isTaken(session) ? taken : waiting).push(session)
    const latest = new Map<string, UsedSession>()
    for (const session of [...this.#unsent, ...taken]) {
      session.waits = false
      const known = latest.get(session.sessionId)
      // Placed anew, so that the oldest come first.
      if (known !== undefined) latest.delete(session.sessionId)
      latest.set(session.sessionId, known !== undefined && known.lastUsedAt > session.lastUsedAt ? known : session)
    }
    this.#unsent = []
    this.#recorded = waiting
    this.#head = 0
    const surplus = Math.max(0, latest.size - this.#capacity)
    this.dropped += surplus
    return [...latest.values()].slice(surplus)
  }

  #compact(): void {
    this.#recorded = this.#recorded.slice(this.#head)
    this.#head = 0
  }
}

function isDue({ toldAt, idleTtlMs }: UsedSession, now: number): boolean {
  return now - toldAt >= Math.min(LONGEST_STEP_MS, idleTtlMs / STEPS_PER_IDLE)
}

/** The `publish` of a buffer: over the bus, to every service that listens. */
export function createTouchPublisher(transport: Transport): TouchOptions['publish'] {
  return async (touches) => {
    for (let start = 0; start < touches.length; start += TOUCHES_PER_MESSAGE) {
      const batch = { touches: touches.slice(start, start + TOUCHES_PER_MESSAGE) }
      transport.publish(verdictMessages.touched.subject, toMessage(batch))
    }
  }
}

export interface TouchListenerOptions {
  readonly transport: Transport
  /** Replicas of one service name the same one and share the batches. */
  readonly queue: string
  readonly log: Log
}

/**
 * Hands each batch to one replica of every queue, at most once. Ages count from when it was sent. What `take` rejects
 * is told to the log: later uses make up for it. A batch that waited for a process which was frozen counts as sent when it
 * woke, so that a session may outlive its idle time by the pause; counted from the pause's beginning, it might end in use.
 */
export function listenTouches(
  take: (touches: readonly Touch[]) => Promise<void>,
  { transport, queue, log }: TouchListenerOptions
): Subscription {
  return transport.serve(verdictMessages.touched.subject, queue, async (message) => {
    const batch = readTouchBatch(message)
    try {
      if (batch === undefined) log.warn({}, 'batch of touches is not readable')
      else await take(batch.touches)
    } catch (err) {
      log.warn({ err }, 'touches could not be taken')
    }
    return { data: new Uint8Array(), headers: {} }
  })
}
