import { createServerFinder } from './servers.ts'

export interface AvailabilityOptions {
  /** What runs the commands: of a cluster, each primary is there or not for itself. */
  readonly client: object
  readonly log: { info(fields: object, text: string): void; warn(fields: object, text: string): void }
  /** The error that an outage becomes, with the driver's as its cause where there is one. */
  readonly createError: (message: string, options?: { readonly cause: unknown }) => Error
}

/** `key` is one of those that the command is about, which are all of one slot. */
export type WhenAvailable = <T>(key: string, command: () => Promise<T>) => Promise<T>

/** So many failures in a row mean that the server is down, not that one command was unlucky. */
const FAILURES_UNTIL_DOWN = 3
const PAUSE_MS = 200

/** What the server answers while it cannot serve a sound command: it passes without a change of ours. */
const TEMPORARY_REPLY =
  /^(?:LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|OOM|MISCONF|NOREPLICAS|UNBLOCKED|BUSY |MOVED |ASK |NOAUTH|WRONGPASS|NOPERM|ERR max)/
/** What the driver says when it finds no way to the server. */
const OUTAGE =
  /^(?:Command timed out|Connection is closed|Stream isn't writeable|Reached the max retries|None of startup nodes|Failed to refresh slots|Too many Cluster redirections|Cluster isn't ready|Socket timeout|connect |read |write )/
const OUTAGE_NAMES: readonly string[] = ['MaxRetriesPerRequestError', 'ClusterAllFailedError', 'AbortError']

function isOutage(err: unknown): boolean {
  if (!(err instanceof Error)) return false
  if (err.name === 'ReplyError') return TEMPORARY_REPLY.test(err.message)
  return OUTAGE_NAMES.includes(err.name) || OUTAGE.test(err.message) || ('syscall' in err && 'code' in err)
}

/**
 * Turns the driver's outages into an error of the caller's own; every other error passes as it is. While a server is
 * down only one command at a time tries it, now and then; all others for it are refused at once. The log hears of a
 * change, not of each command.
 */
export function createAvailability(options: AvailabilityOptions): WhenAvailable {
  const findServer = createServerFinder(options.client)
  const servers = new Map<string, WhenServerAvailable>()
  return (key, command) => {
    const name = findServer(key)
    const whenAvailable = servers.get(name) ?? createServerAvailability(name, options)
    servers.set(name, whenAvailable)
    return whenAvailable(command)
  }
}

type WhenServerAvailable = <T>(command: () => Promise<T>) => Promise<T>

function createServerAvailability(name: string, { log, createError }: AvailabilityOptions): WhenServerAvailable {
  const fields = name === '' ? {} : { server: name }
  let failures = 0
  let retryAt = 0
  let isProbing = false

  const fail = (err: unknown): void => {
    failures += 1
    retryAt = performance.now() + PAUSE_MS
    if (failures === FAILURES_UNTIL_DOWN) log.warn({ ...fields, err }, 'Redis does not answer')
  }
  const succeed = (): void => {
    if (failures >= FAILURES_UNTIL_DOWN) log.info(fields, 'Redis answers again')
    failures = 0
  }

  return async (command) => {
    const isDown = failures >= FAILURES_UNTIL_DOWN
    if (isDown && (isProbing || performance.now() < retryAt)) throw createError('Redis is down')
    if (isDown) isProbing = true
    try {
      const reply = await command()
      succeed()
      return reply
    } catch (err) {
      if (!isOutage(err)) throw err
      fail(err)
      throw createError('Redis did not answer', { cause: err })
    } finally {
      if (isDown) isProbing = false
    }
  }
}
