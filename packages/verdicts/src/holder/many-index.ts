/** Finds the many by a key they have in common. Most keys have one only, which costs no set. */
export class ManyIndex<T extends object> {
  readonly #found = new Map<string, T | Set<T>>()

  add(key: string, item: T): void {
    const known = this.#found.get(key)
    if (known === undefined) this.#found.set(key, item)
    else if (known instanceof Set) known.add(item)
    else this.#found.set(key, new Set([known, item]))
  }

  remove(key: string, item: T): void {
    const known = this.#found.get(key)
    if (known === item) this.#found.delete(key)
    else if (known instanceof Set && known.delete(item) && known.size === 0) this.#found.delete(key)
  }

  /** A list of its own, so that its items may be removed while it is walked. */
  list(key: string): readonly T[] {
    const known = this.#found.get(key)
    if (known === undefined) return []
    return known instanceof Set ? [...known] : [known]
  }

  clear(): void {
    this.#found.clear()
  }
}
