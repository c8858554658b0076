/** Where those wait who are to go on at once when something is there. */
export class WaitingRoom {
  readonly #waiting = new Set<() => void>()

  /** Resolves when everybody is woken, and after `longestMs` in any case. */
  wait(longestMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        this.#waiting.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, longestMs)
      this.#waiting.add(wake)
    })
  }

  wake(): void {
    for (const wake of this.#waiting) wake()
  }
}
