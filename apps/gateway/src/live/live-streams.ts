import { fail } from '@latchkey/contracts/errors'
import type { VerdictItem } from '@latchkey/contracts/verdict'
import type { LiveStream } from './live-stream.ts'

const MAX_OF_USER = 10
const MAX_STREAMS = 10_000

/** The streams that are open here, by their user and by their session. */
export class LiveStreams {
  readonly #all = new Set<LiveStream>()
  /** Ids of users and of sessions never look alike. */
  readonly #byId = new Map<string, Set<LiveStream>>()
  #isClosed = false

  get isFull(): boolean {
    return this.#isClosed || this.#all.size >= MAX_STREAMS
  }

  get size(): number {
    return this.#all.size
  }

  /** Takes a stream until it closes. A user who has too many loses the one that was opened first. */
  add(stream: LiveStream): void {
    this.#all.add(stream)
    for (const id of [stream.userId, stream.sessionId]) {
      const streams = this.#byId.get(id) ?? new Set()
      this.#byId.set(id, streams.add(stream))
    }
    stream.body.once('close', () => this.#remove(stream))
    const [oldest, ...others] = this.#byId.get(stream.userId) ?? []
    if (others.length >= MAX_OF_USER) oldest?.end({ code: 'superseded' })
  }

  ring(id: string): void {
    for (const stream of this.#byId.get(id) ?? []) stream.ring()
  }

  ringAll(): void {
    for (const stream of this.#all) stream.ring()
  }

  ringAnnounced(items: readonly VerdictItem[]): void {
    for (const item of items) {
      if (item.kind === 'everyone') this.ringAll()
      else this.ring(item.id)
    }
  }

  /** Ends all there are, and takes no more. */
  close(): void {
    this.#isClosed = true
    for (const stream of this.#all) stream.end(fail('unavailable'))
  }

  #remove(stream: LiveStream): void {
    this.#all.delete(stream)
    for (const id of [stream.userId, stream.sessionId]) {
      const streams = this.#byId.get(id)
      streams?.delete(stream)
      if (streams?.size === 0) this.#byId.delete(id)
    }
  }
}
