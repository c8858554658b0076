import type { VerdictItem } from '@latchkey/contracts/verdict'
import type { Capture } from './flights.ts'

export interface TombstoneOptions {
  /** Longer than any answer takes that may still be kept. */
  readonly lifetimeMs: number
  readonly capacity: number
  /** False only in a test build. */
  readonly refusesOnOverflow: boolean
}

/**
 * What was announced lately, by a count of announcements: an answer that was asked for at an earlier count than its
 * session's or user's is overtaken. Never forgets silently: over its capacity, all that was asked for is overtaken.
 */
export class Tombstones {
  readonly #options: TombstoneOptions
  /** Grows with every item announced. */
  count = 0
  #floor = 0
  #younger = new Map<string, number>()
  #older = new Map<string, number>()
  #turnedAt = Number.NEGATIVE_INFINITY

  constructor(options: TombstoneOptions) {
    this.#options = options
  }

  note(item: VerdictItem, now: number): void {
    this.count += 1
    if (item.kind === 'everyone') {
      this.#floor = this.count
      return
    }
    this.#makeRoom(now)
    this.#younger.set(keyOf(item.kind, item.id), this.count)
  }

  /** Also true for an answer that took longer than announcements are remembered. */
  isOvertaken(sessionId: string, userId: string, { sentAt, count }: Capture, now: number): boolean {
    if (now - sentAt > this.#options.lifetimeMs) return true
    if (count === this.count) return false
    return (
      this.#floor > count ||
      this.#find(keyOf('session', sessionId)) > count ||
      this.#find(keyOf('user', userId)) > count
    )
  }

  /** Breaks the rules: only a test build calls it. */
  forget(sessionId: string, userId: string): void {
    for (const key of [keyOf('session', sessionId), keyOf('user', userId)]) {
      this.#younger.delete(key)
      this.#older.delete(key)
    }
  }

  #find(key: string): number {
    return this.#younger.get(key) ?? this.#older.get(key) ?? 0
  }

  /** Two maps that take turns: whatever is in the older one has been there for a whole lifetime when it goes. */
  #makeRoom(now: number): void {
    const { lifetimeMs, capacity, refusesOnOverflow } = this.#options
    if (now - this.#turnedAt >= lifetimeMs) {
      this.#older = this.#younger
      this.#younger = new Map()
      this.#turnedAt = now
    }
    if (this.#younger.size + this.#older.size < capacity) return
    this.#younger.clear()
    this.#older.clear()
    if (refusesOnOverflow) this.#floor = this.count
  }
}

function keyOf(kind: 'session' | 'user', id: string): string {
  return `${kind}:${id}`
}
