import { type NatsConnection, NatsError, nanos, RetentionPolicy, StorageType } from 'nats'
import type { StreamOptions } from './transport.ts'

const API_TIMEOUT_MS = 1000

/** As many as servers are named, but only where a majority of them can be lost later than one: never two, three at most. */
export function countReplicas({ url, replicas }: { readonly url: string; readonly replicas?: number | undefined }) {
  return replicas ?? (url.split(',').length < 3 ? 1 : 3)
}

/** Creates the stream, or brings an existing one to these options; one that has more replicas keeps them. */
export async function ensureStream(
  connection: NatsConnection,
  options: StreamOptions & { readonly replicas: number }
): Promise<void> {
  const manager = await connection.jetstreamManager({ timeout: API_TIMEOUT_MS })
  const config = {
    subjects: [...options.subjects],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    max_age: nanos(options.maxAgeSeconds * 1000),
    duplicate_window: nanos(options.duplicateWindowSeconds * 1000)
  }
  const existing = await manager.streams.info(options.name).catch(() => undefined)
  const replicas = Math.max(options.replicas, existing?.config.num_replicas ?? 0)
  const wanted = { ...config, num_replicas: replicas }
  if (existing === undefined) await manager.streams.add({ name: options.name, ...wanted })
  else await manager.streams.update(options.name, { ...existing.config, ...wanted })
}

interface StoredMessage {
  readonly stream: string
  readonly sequence: number
  readonly isMeant: (data: Uint8Array) => boolean
}

const NOT_FOUND = 404

/** Looks before it erases: in a stream that was made anew the number may be another message's. */
export async function eraseStored(connection: NatsConnection, { stream, sequence, isMeant }: StoredMessage) {
  const { streams } = await connection.jetstreamManager({ timeout: API_TIMEOUT_MS, checkAPI: false })
  try {
    const { data } = await streams.getMessage(stream, { seq: sequence })
    if (isMeant(data)) await streams.deleteMessage(stream, sequence, true)
  } catch (err) {
    if (!isNotFound(err)) throw err
  }
}

export async function findStored(connection: NatsConnection, stream: string, sequence: number) {
  const { streams } = await connection.jetstreamManager({ timeout: API_TIMEOUT_MS, checkAPI: false })
  try {
    const { data } = await streams.getMessage(stream, { seq: sequence })
    return data
  } catch (err) {
    if (isNotFound(err)) return undefined
    throw err
  }
}

function isNotFound(err: unknown): boolean {
  return err instanceof NatsError && err.api_error?.code === NOT_FOUND
}
