export type Release = () => Promise<void> | void

/** What was started, to be ended in the opposite order. */
export interface Cleanup {
  /** Remembers how to end something; what comes up after `run` has begun is ended at once. */
  defer(release: Release): Promise<void>
  /** Ends everything, once, also when one step fails. */
  run(): Promise<void>
}

export function createCleanup(onFault: (error: unknown) => void): Cleanup {
  const releases: Release[] = []
  let running: Promise<void> | undefined

  const attempt = async (release: Release): Promise<void> => {
    try {
      await release()
    } catch (error) {
      onFault(error)
    }
  }
  const runAll = async (): Promise<void> => {
    for (let next = releases.pop(); next !== undefined; next = releases.pop()) await attempt(next)
  }
  return {
    defer: async (release) => {
      if (running === undefined) releases.push(release)
      else await attempt(release)
    },
    run: () => {
      running ??= runAll()
      return running
    }
  }
}
