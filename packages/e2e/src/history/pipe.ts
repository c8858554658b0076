import type { Socket } from 'node:net'
import type { Repeating, Way } from './conditions.ts'
import { FrameCutter } from './nats-frames.ts'
import type { Random } from './random.ts'

export interface PipeOptions {
  readonly from: Socket
  readonly to: Socket
  readonly way: Way
  readonly random: Random
  /** Whether NATS is spoken, so that single messages can be lost or late. */
  readonly isNats: boolean
  /** Told of all bytes before they are sent; may cut the connection. Returns how many of them may still go. */
  readonly allow: (byteCount: number) => number
}

const REPLY_PREFIX = '_INBOX.'

/** Carries one direction of a connection under the conditions of its link. */
export class Pipe {
  readonly #options: PipeOptions
  readonly #cutter: FrameCutter | undefined
  #held: Buffer[] = []
  /** In order, with when each is due by the monotonic clock: one timer for all, as timers may overtake each other. */
  readonly #late: { readonly bytes: Buffer; readonly dueAt: number }[] = []

  constructor(options: PipeOptions) {
    this.#options = options
    this.#cutter = options.isNats ? new FrameCutter() : undefined
    options.from.on('data', (chunk: Buffer) => this.#take(chunk))
  }

  /** Lets go what was held, in the order in which it came. */
  release(): void {
    const held = this.#held
    this.#held = []
    for (const bytes of held) this.#deliver(bytes)
  }

  #take(chunk: Buffer): void {
    if (this.#cutter === undefined) this.#send(chunk)
    else for (const { bytes, subject } of this.#cutter.cut(chunk)) this.#sendFrame(bytes, subject)
  }

  #sendFrame(bytes: Buffer, subject: string | undefined): void {
    const { way, random } = this.#options
    const { losesMessages, losesSubject, slowReplies, repeatsSubject } = way
    if (subject === undefined) {
      this.#send(bytes)
      return
    }
    if (losesMessages > 0 && random.chance(losesMessages)) return
    if (losesSubject !== undefined && isOf(subject, losesSubject.subject) && random.chance(losesSubject.chance)) {
      losesSubject.note?.()
      return
    }
    if (repeatsSubject !== undefined && isOf(subject, repeatsSubject.subject)) this.#repeat(bytes, repeatsSubject)
    if (slowReplies !== undefined && subject.startsWith(REPLY_PREFIX) && random.chance(slowReplies.chance)) {
      slowReplies.note?.()
      setTimeout(() => this.#deliver(bytes), random.between(slowReplies.minMs, slowReplies.maxMs)).unref()
      return
    }
    this.#send(bytes)
  }

  #repeat(bytes: Buffer, { afterMs, note }: Repeating): void {
    note()
    for (const ms of afterMs) setTimeout(() => this.#deliver(bytes), ms).unref()
  }

  #send(bytes: Buffer): void {
    const { way, random } = this.#options
    const { delayMs, jitterMs } = way
    if (delayMs === 0 && jitterMs === 0 && this.#late.length === 0) {
      this.#deliver(bytes)
      return
    }
    const dueAt = Math.max(this.#late.at(-1)?.dueAt ?? 0, performance.now() + delayMs + random.next() * jitterMs)
    this.#late.push({ bytes, dueAt })
    if (this.#late.length === 1) this.#awaitFirst()
  }

  #awaitFirst(): void {
    const [first] = this.#late
    if (first === undefined) return
    const deliver = () => {
      this.#late.shift()
      this.#deliver(first.bytes)
      this.#awaitFirst()
    }
    setTimeout(deliver, Math.max(0, first.dueAt - performance.now())).unref()
  }

  #deliver(bytes: Buffer): void {
    const { way, to, allow } = this.#options
    if (way.holds) this.#held.push(bytes)
    else if (to.writable) {
      const allowed = allow(bytes.length)
      to.write(bytes.subarray(0, allowed))
    }
  }
}

/** Whether it is this subject, or one below it. */
function isOf(subject: string, wanted: string): boolean {
  return subject === wanted || subject.startsWith(`${wanted}.`)
}
