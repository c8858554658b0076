import { SETTLE_TIMEOUT_MS, settlePending } from './domain/pending.ts'
import { type Deps, StoreUnavailable } from './domain/ports.ts'

export interface SweeperOptions {
  readonly deps: Pick<Deps, 'pending' | 'sessions' | 'newId'>
  readonly intervalMs: number
  readonly log: { error(fields: object, text: string): void }
}

export interface Sweeper {
  start(): void
  /** Waits for the sweep under way. */
  stop(): Promise<void>
}

/** Settles pending rows at the start and now and then, one sweep at a time. */
export function createSweeper({ deps, intervalMs, log }: SweeperOptions): Sweeper {
  let timer: NodeJS.Timeout | undefined
  let sweeping: Promise<void> = Promise.resolve()
  let stopped = false

  const sweep = async (): Promise<void> => {
    try {
      await settlePending(deps, { requestId: `sweep-${deps.newId()}`, timeoutMs: SETTLE_TIMEOUT_MS })
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
