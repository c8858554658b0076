interface Log {
  warn(fields: object, text: string): void
}

export interface RefusalLog {
  /** One request that was refused because something is not available; `fields` are those of its line in the log. */
  note(fields: object): void
  /** Tells what is still to be told. */
  close(): void
}

const INTERVAL_MS = 10_000

/**
 * What is not available is so for everybody: the first request that meets it is told in full, all others of a while in
 * one line with their number. The measurements have each of them.
 */
export function createRefusalLog(log: Log, intervalMs = INTERVAL_MS): RefusalLog {
  let untold = 0
  let timer: NodeJS.Timeout | undefined

  const sum = (): void => {
    const requests = untold
    untold = 0
    timer = requests === 0 ? undefined : setTimeout(sum, intervalMs).unref()
    if (requests > 0) log.warn({ requests, seconds: intervalMs / 1000 }, 'requests refused for now')
  }
  return {
    note: (fields) => {
      if (timer !== undefined) {
        untold += 1
        return
      }
      log.warn(fields, 'request')
      timer = setTimeout(sum, intervalMs).unref()
    },
    close: () => {
      clearTimeout(timer)
      if (untold > 0) log.warn({ requests: untold }, 'requests refused for now')
    }
  }
}
