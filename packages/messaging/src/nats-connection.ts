import { randomUUID } from 'node:crypto'
import { isIP } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import {
  type ConnectionOptions,
  connect,
  headers as createNatsHeaders,
  ErrorCode,
  type MsgHdrs,
  type NatsConnection,
  NatsError
} from 'nats'
import { endAbandonedDials } from './nats-abandoned-dials.ts'
import { type Message, NoResponders, RequestTimeout } from './transport.ts'

/** A dead server is noticed after three unanswered pings. */
const PING_INTERVAL_MS = 1000
const MAX_PINGS_OUT = 2
const RETRY_MS = 100
const PARTING_MS = 1500

/** Certificates as PEM; what is left out is Node's own default. */
export interface NatsTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
}

export interface NatsServer {
  /** `nats://[user:password@]host:port`, `tls://` for TLS; several of a cluster separated by commas. */
  readonly url: string
  /** The service's name: shown by the server's connection list, and part of the subjects that answers come to. */
  readonly name: string
  /** Given, the connection is by TLS whatever the URL says, and never without. */
  readonly tls?: NatsTls | undefined
}

/**
 * Dials until a server answers; the connection then looks for it again for ever. Rejects only once `signal` is
 * aborted. `failed` is told of each reason once.
 */
export async function dial(
  server: NatsServer,
  signal: AbortSignal,
  failed: (err: unknown) => void
): Promise<NatsConnection> {
  endAbandonedDials()
  const options = createOptions(server)
  const reported = new Set<string>()
  for (;;) {
    signal.throwIfAborted()
    try {
      return await connect(options)
    } catch (err) {
      const reason = err instanceof Error ? err.message : 'unknown'
      if (!reported.has(reason)) failed(err)
      reported.add(reason)
      await pause(RETRY_MS, undefined, { signal })
    }
  }
}

/** Answers come to subjects below this: of the service alone, so that no other can be allowed to read them by mistake. */
export function inboxPrefixOf(name: string): string {
  return `_INBOX.${name}`
}

function createOptions({ url, name, tls }: NatsServer): ConnectionOptions {
  const servers = url.split(',').map((server) => new URL(server.trim()))
  const [first] = servers
  const credentials =
    first === undefined || first.username === ''
      ? {}
      : { user: decodeURIComponent(first.username), pass: decodeURIComponent(first.password) }
  return {
    servers: servers.map(({ host }) => host),
    name: `${name}-${randomUUID().slice(0, 8)}`,
    inboxPrefix: inboxPrefixOf(name),
    ...credentials,
    ...createTlsOptions(first, tls),
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: RETRY_MS,
    reconnectJitter: RETRY_MS,
    timeout: 2000,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: MAX_PINGS_OUT,
    // With each request the library would note where it was made, by a stack trace: as much work as the request.
    noAsyncTraces: true
  }
}

/** With `tls` set the driver refuses a server that offers none. An address is no name, and has to be compared as one. */
function createTlsOptions(first: URL | undefined, tls: NatsTls | undefined): Pick<ConnectionOptions, 'tls'> {
  if (first === undefined || (tls === undefined && first.protocol !== 'tls:')) return {}
  const host = first.hostname.replace(/^\[|\]$/g, '')
  const identity = tls?.servername === undefined && isIP(host) !== 0 ? { host } : {}
  return { tls: { ...identity, ...tls } }
}

export function toNatsHeaders(headers: Message['headers']): MsgHdrs {
  const result = createNatsHeaders()
  for (const [name, value] of Object.entries(headers)) result.set(name, value)
  return result
}

export function fromNatsHeaders(headers: MsgHdrs | undefined): Record<string, string> {
  const result: Record<string, string> = {}
  for (const [name, values] of headers ?? []) result[name.toLowerCase()] = values[0] ?? ''
  return result
}

/** Throws as `Transport.request` does. */
export async function requestWithin(
  connection: NatsConnection,
  subject: string,
  { data, headers }: Message,
  timeoutMs: number
): Promise<Message> {
  try {
    const reply = await connection.request(subject, data, { timeout: timeoutMs, headers: toNatsHeaders(headers) })
    return { data: reply.data, headers: fromNatsHeaders(reply.headers) }
  } catch (err) {
    if (err instanceof NatsError && err.code === ErrorCode.Timeout) throw new RequestTimeout(subject, { cause: err })
    throw new NoResponders(subject, { cause: err })
  }
}

export async function flushWithin(connection: NatsConnection, timeoutMs: number): Promise<void> {
  const expired = AbortSignal.timeout(timeoutMs)
  await Promise.race([
    connection.flush(),
    new Promise<never>((_, reject) => {
      expired.addEventListener('abort', () => reject(new RequestTimeout('flush')), { once: true })
    })
  ])
}

/** Waits until it has been heard, and not for long: a server that hangs is left without a word. */
export async function partingWord(said: Promise<void> | undefined): Promise<void> {
  const overdue = Promise.withResolvers<void>()
  const timer = setTimeout(overdue.resolve, PARTING_MS)
  await Promise.race([said, overdue.promise]).catch(() => undefined)
  clearTimeout(timer)
}
