import type { CallOptions } from '@latchkey/contracts/define'
import { SETTLE_TIMEOUT_MS } from './domain/pending.ts'
import { StoreUnavailable } from './domain/ports.ts'

export interface SweeperOptions {
  /** Settles what is pending. Each call that it makes may take as long as the options say that it is given. */
  readonly settle: (createCall: () => CallOptions) => Promise<unknown>
  readonly newId: () => string
  readonly intervalMs: number
  readonly log: { error(fields: object, text: string): void }
}

export interface Sweeper {
  start(): void
  /** Waits for the sweep under way. */
  stop(): Promise<void>
}

/** Settles pending rows at the start and now and then, one sweep at a time. */
export function createSweeper({ settle, newId, intervalMs, log }: SweeperOptions): Sweeper {
  let timer: NodeJS.Timeout | undefined
  let sweeping: Promise<void> = Promise.resolve()
  let stopped = false

  const sweep = async (): Promise<void> => {
    const requestId = `sweep-${newId()}`
    try {
      await settle(() => ({ requestId, timeoutMs: SETTLE_TIMEOUT_MS }))
    } catch (err) {
      // The store itself tells when it goes and when it comes back.
      if (!(err instanceof StoreUnavailable)) log.error({ err }, 'sweep of pending rows failed')
    }
    if (!stopped) timer = setTimeout(run, intervalMs)
  }
  const run = (): void => {
    sweeping = sweep()
  }
  return {
    start: run,
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await sweeping
    }
  }
}
