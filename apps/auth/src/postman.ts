import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import { createAvailability } from './availability.ts'
import type { DueMail } from './domain/mail-ports.ts'
import { StoreUnavailable } from './domain/ports.ts'
import { type Outcome, type Round, type SendDeps, sendMails } from './domain/send-mails.ts'

export interface PostmanOptions {
  readonly deps: Pick<SendDeps, 'mails' | 'mailer' | 'compose'>
  /** How often it looks without being told. */
  readonly intervalMs: number
  readonly log: Parameters<typeof createAvailability>[1] & { error(fields: object, text: string): void }
  /** Told of each attempt: `sent`, `postponed` or `given_up`. */
  readonly count?: (outcome: string) => void
}

export interface Postman {
  start(): void
  /** Looks soon, unless the mail server is away. Cheap, never fails, and many calls are as good as one. */
  nudge(): void
  /** Waits for the mails under way. */
  stop(): Promise<void>
}

/** Mails sent at the same time, more than there are connections: the next one is ready when a connection is. */
const CONCURRENCY = 5
const PURGE_INTERVAL_MS = 60_000

/** Empties the table of queued mails, one round at a time; replicas share the work. */
export function createPostman({ deps, intervalMs, log, count }: PostmanOptions): Postman {
  const observe = createObserver(log, count)
  const sending = { ...deps, observe, newToken: () => randomBytes(32).toString('base64url') }
  let timer: NodeJS.Timeout | undefined
  let round: Promise<void> | undefined
  let last: Round = 'idle'
  let nudged = false
  let stopped = false
  let purgedAtMs = Number.NEGATIVE_INFINITY

  /** One round follows from the last: begun within a request they would all belong to it. */
  const apart = AsyncLocalStorage.snapshot()

  const work = async (): Promise<void> => {
    try {
      do last = await sendMails(sending, CONCURRENCY)
      while (last === 'busy' && !stopped)
      if (performance.now() - purgedAtMs < PURGE_INTERVAL_MS) return
      purgedAtMs = performance.now()
      await deps.mails.purge()
    } catch (err) {
      // The store itself tells when it goes and when it comes back.
      if (!(err instanceof StoreUnavailable)) log.error({ err }, 'round of queued mails failed')
    }
  }
  const run = (): void => {
    clearTimeout(timer)
    nudged = false
    round = work().finally(() => {
      round = undefined
      if (!stopped) timer = setTimeout(run, nudged && last !== 'failing' ? 0 : intervalMs)
    })
  }
  return {
    start: run,
    nudge: () => {
      nudged = true
      if (round === undefined && timer !== undefined && last !== 'failing' && !stopped) apart(run)
    },
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await round
    }
  }
}

/** Tells of a mail server that goes and comes back once, and of each mail that nobody will get. */
function createObserver(
  log: PostmanOptions['log'],
  count: PostmanOptions['count']
): (mail: DueMail, outcome: Outcome) => void {
  const availability = createAvailability('the mail server', log)
  return ({ id, kind, attempts }, outcome) => {
    count?.(outcome.sent ? 'sent' : outcome.final ? 'given_up' : 'postponed')
    if (outcome.sent) availability.up()
    else if (outcome.final) log.error({ err: outcome.err, id, kind, attempts }, 'mail given up')
    else availability.down(outcome.err)
  }
}
