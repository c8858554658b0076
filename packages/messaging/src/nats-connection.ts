import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { type ConnectionOptions, connect, headers as createNatsHeaders, type MsgHdrs, type NatsConnection } from 'nats'
import { type Message, RequestTimeout } from './transport.ts'

/** A dead server is noticed after three unanswered pings. */
const PING_INTERVAL_MS = 1000
const MAX_PINGS_OUT = 2
const RETRY_MS = 100

/**
 * Dials until a server answers; the connection then looks for it again for ever. Rejects only once `signal` is
 * aborted.
 */
export async function dial(url: string, name: string, signal: AbortSignal): Promise<NatsConnection> {
  const options = createOptions(url, name)
  for (;;) {
    signal.throwIfAborted()
    try {
      return await connect(options)
    } catch {
      await pause(RETRY_MS, undefined, { signal })
    }
  }
}

/** Answers come to subjects below this: of the service alone, so that no other can be allowed to read them by mistake. */
export function inboxPrefixOf(name: string): string {
  return `_INBOX.${name}`
}

function createOptions(url: string, name: string): ConnectionOptions {
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
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: RETRY_MS,
    reconnectJitter: RETRY_MS,
    timeout: 2000,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: MAX_PINGS_OUT
  }
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

export async function flushWithin(connection: NatsConnection, timeoutMs: number): Promise<void> {
  const expired = AbortSignal.timeout(timeoutMs)
  await Promise.race([
    connection.flush(),
    new Promise<never>((_, reject) => {
      expired.addEventListener('abort', () => reject(new RequestTimeout('flush')), { once: true })
    })
  ])
}
