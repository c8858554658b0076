export type Tell = (isEmpty: boolean) => void

/** Those who wait until a lane is found empty, each for so long as it says. Who has given up is not kept. */
export class LaneWaiters {
  readonly #waiting = new Map<string, Set<Tell>>()

  get size(): number {
    return [...this.#waiting.values()].reduce((sum, { size }) => sum + size, 0)
  }

  /** Whether it was told within so many milliseconds that the lane is empty. */
  wait(lane: string, withinMs: number): Promise<boolean> {
    const waiting = this.#waiting.get(lane) ?? new Set()
    this.#waiting.set(lane, waiting)
    return new Promise((resolve) => {
      const tell: Tell = (isEmpty) => {
        clearTimeout(timer)
        waiting.delete(tell)
        resolve(isEmpty)
      }
      const timer = setTimeout(tell, withinMs, false)
      waiting.add(tell)
    })
  }

  /** Those who wait by now, whom a look that begins now may tell; some may have given up by then, and do not mind. */
  of(lane: string): readonly Tell[] {
    return [...(this.#waiting.get(lane) ?? [])]
  }
}
