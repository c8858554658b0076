import { createEntry, type Entry } from './entry.ts'
import { Freezer } from './freeze.ts'
import { ManyIndex } from './many-index.ts'
import type { Found } from './options.ts'

/**
 * Verdicts by the keys of their tokens, at most `capacity`: then the hand goes round and takes one that was not used
 * since its last round.
 */
export class VerdictCache<V> {
  readonly #byKey = new Map<string, Entry<V>>()
  readonly #bySession = new ManyIndex<Entry<V>>()
  readonly #byUser = new ManyIndex<Entry<V>>()
  readonly #freezer = new Freezer()
  readonly #capacity: number
  #hand: Iterator<Entry<V>> | undefined

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#byKey.size
  }

  find(key: string): Entry<V> | undefined {
    return this.#byKey.get(key)
  }

  /** Keeps what a look-up that was sent at `sentAt` has found. */
  keep(key: string, found: Found<V>, sentAt: number): Entry<V> {
    const entry = createEntry(key, found, sentAt, this.#freezer)
    const former = this.#byKey.get(key)
    if (former !== undefined) this.#remove(former)
    while (this.#byKey.size >= this.#capacity) this.#evictOne()
    this.#byKey.set(key, entry)
    this.#bySession.add(entry.sessionId, entry)
    this.#byUser.add(entry.userId, entry)
    return entry
  }

  dropSession(sessionId: string): void {
    for (const entry of this.#bySession.list(sessionId)) this.#remove(entry)
  }

  dropUser(userId: string): void {
    for (const entry of this.#byUser.list(userId)) this.#remove(entry)
  }

  clear(): void {
    this.#byKey.clear()
    this.#bySession.clear()
    this.#byUser.clear()
    this.#hand = undefined
  }

  #remove(entry: Entry<V>): void {
    this.#byKey.delete(entry.key)
    this.#bySession.remove(entry.sessionId, entry)
    this.#byUser.remove(entry.userId, entry)
  }

  /** The iterator is kept: one made anew would walk over the holes that removals leave at the front of the map. */
  #evictOne(): void {
    for (;;) {
      this.#hand ??= this.#byKey.values()
      const { done, value: entry } = this.#hand.next()
      if (done === true) this.#hand = undefined
      else if (entry.used) entry.used = false
      else {
        this.#remove(entry)
        return
      }
    }
  }
}
