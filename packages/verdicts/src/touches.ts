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
}

const INTERVAL_MS = 1000
const CAPACITY = 100_000
/** Fits the largest message the bus takes. */
const TOUCHES_PER_MESSAGE = 3000

/** Collects uses of sessions, each session once with its latest use, and hands them on in one batch per interval. */
export function createTouches(options: TouchOptions): Touches {
  return new TouchBuffer(options)
}

class TouchBuffer implements Touches {
  readonly #options: TouchOptions
  readonly #now: () => number
  readonly #capacity: number
  readonly #timer: NodeJS.Timeout
  #batch = 1
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

  record(session: UsedSession): void {
    if (session.batch === this.#batch) return
    session.batch = this.#batch
    this.#recorded.push(session)
    if (this.#recorded.length - this.#head <= this.#capacity) return
    this.#head += 1
    this.dropped += 1
    if (this.#head > this.#capacity) this.#compact()
  }

  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#send())
    return this.#flushing
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }

  async #send(): Promise<void> {
    const sessions = this.#take()
    if (sessions.length === 0) return
    const now = this.#now()
    const touches = sessions.map(({ sessionId, userId, lastUsedAt }) => {
      return { sessionId, userId, ageMs: Math.max(0, Math.round(now - lastUsedAt)) }
    })
    try {
      await this.#options.publish(touches)
    } catch (err) {
      this.#options.log.debug({ err }, 'touches wait')
      this.#unsent = sessions
    }
  }

  /** One of each session, with its latest use. */
  #take(): readonly UsedSession[] {
    const latest = new Map<string, UsedSession>()
    const recorded = this.#recorded.slice(this.#head)
    for (const session of [...this.#unsent, ...recorded]) {
      const known = latest.get(session.sessionId)
      // Placed anew, so that the oldest come first.
      if (known !== undefined) latest.delete(session.sessionId)
      latest.set(session.sessionId, known !== undefined && known.lastUsedAt > session.lastUsedAt ? known : session)
    }
    this.#unsent = []
    this.#recorded = []
    this.#head = 0
    this.#batch += 1
    const surplus = Math.max(0, latest.size - this.#capacity)
    this.dropped += surplus
    return [...latest.values()].slice(surplus)
  }

  #compact(): void {
    this.#recorded = this.#recorded.slice(this.#head)
    this.#head = 0
  }
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
 * is told to the log: later uses make up for it.
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
