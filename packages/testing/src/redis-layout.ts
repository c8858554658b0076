import { Redis } from 'ioredis'
import { fillTimes, nameTimes, type Period } from './redis-moments.ts'

/**
 * What a Redis holds, by keys, in plain JSON. Each character of a text stands for a byte; in the place of what differs from
 * one run to the next there is a name, see `nameTimes`.
 */
export type Layout = Readonly<Record<string, Stored>>

export type Stored = {
  /** Whether the key goes by itself. */
  readonly expires: boolean
} & (
  | {
      readonly type: 'string' | 'hash' | 'zset'
      /** Of a string under `''`; of a sorted set the scores of its members. */
      readonly content: Texts
    }
  /** Each entry, in order, with its id under `''`. */
  | { readonly type: 'stream'; readonly content: readonly Texts[] }
)

export type Texts = Readonly<Record<string, string>>

export interface LayoutOptions {
  readonly period: Period
  /** Keys that are not looked at. */
  readonly except?: RegExp
  /** What else differs from one run to the next, by the name that it gets: `{ '<member>': id }`. */
  readonly names?: Readonly<Record<string, string>>
}

const DAY_MS = 24 * 3_600_000
/** How many entries of a stream came in one millisecond is chance. */
const WITHIN_MS = /<ms>-\d+$/

async function connect<T>(url: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url)
  try {
    return await use(redis)
  } finally {
    redis.disconnect()
  }
}

/** The two texts by which a server tells one run and one history of its own from another. */
async function readServer(redis: Redis): Promise<Readonly<Record<string, string>>> {
  const info = `${await redis.info('server')}${await redis.info('replication')}`
  const [, run = ''] = /run_id:(\w+)/.exec(info) ?? []
  const [, history = ''] = /master_replid:(\w+)/.exec(info) ?? []
  return { '<run>': run, '<history>': history }
}

/** Reads all that a Redis holds. */
export async function takeLayout(url: string, { period, except, names = {} }: LayoutOptions): Promise<Layout> {
  return await connect(url, async (redis) => {
    const replaced = Object.entries({ ...names, ...(await readServer(redis)) })
    const name = (bytes: Buffer) => {
      const text = replaced.reduce((rest, [given, own]) => rest.replaceAll(own, given), bytes.toString('latin1'))
      return nameTimes(text, period)
    }
    const keys = (await redis.keys('*')).filter((key) => except?.test(key) !== true).sort()
    const entries = await Promise.all(keys.map(async (key) => [key, await readKey(redis, key, name)] as const))
    return Object.fromEntries(entries)
  })
}

type Name = (bytes: Buffer) => string

async function readKey(redis: Redis, key: string, name: Name): Promise<Stored> {
  const type = await redis.type(key)
  const expires = (await redis.pttl(key)) >= 0
  switch (type) {
    case 'string':
      return { type, expires, content: { '': name((await redis.getBuffer(key)) ?? Buffer.alloc(0)) } }
    case 'hash':
      return { type, expires, content: pair(await callFlat(redis, 'HGETALL', key), name) }
    case 'zset':
      return { type, expires, content: pair(await callFlat(redis, 'ZRANGE', key, '0', '-1', 'WITHSCORES'), name) }
    case 'stream': {
      const entries = (await redis.callBuffer('XRANGE', key, '-', '+')) as [Buffer, Buffer[]][]
      return {
        type,
        expires,
        content: entries.map(([id, fields]) => ({ '': name(id).replace(WITHIN_MS, '<ms>'), ...pair(fields, name) }))
      }
    }
    default:
      throw new Error(`${key} is a ${type}, which this does not know`)
  }
}

/** Pairs come one by one or each by itself, numbers as text or as numbers: that depends on the protocol. */
async function callFlat(redis: Redis, command: string, ...args: string[]): Promise<Buffer[]> {
  const reply = (await redis.callBuffer(command, ...args)) as readonly (Buffer | number | (Buffer | number)[])[]
  return reply.flat().map((part) => (typeof part === 'number' ? Buffer.from(String(part)) : part))
}

/** How often something happened in a minute depends on when a run begins. */
function pair(flat: readonly Buffer[], name: Name): Record<string, string> {
  const pairs = flat.flatMap((field, at) => {
    const value = flat[at + 1]
    return at % 2 === 1 || value === undefined ? [] : [[name(field), name(value)] as const]
  })
  const counted = pairs.map(([field, value]) => [field, field.endsWith('<min>') ? '1' : value] as const)
  return Object.fromEntries(counted.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Writes a layout into an empty Redis, as if it had been written just now by this very server. */
export async function restoreLayout(url: string, layout: Layout): Promise<void> {
  await connect(url, async (redis) => {
    const server = Object.entries(await readServer(redis))
    const nowMs = Date.now()
    const fill = (text: string) => {
      const own = server.reduce((rest, [name, value]) => rest.replaceAll(name, value), text)
      return Buffer.from(fillTimes(own, nowMs), 'latin1')
    }
    for (const [key, stored] of Object.entries(layout)) {
      await writeKey(redis, key, stored, fill)
      if (stored.expires) await redis.pexpire(key, DAY_MS)
    }
  })
}

async function writeKey(redis: Redis, key: string, stored: Stored, fill: (text: string) => Buffer): Promise<void> {
  if (stored.type === 'stream') {
    for (const { '': id = '*', ...fields } of stored.content) {
      const flat = Object.entries(fields).flatMap(([field, value]) => [fill(field), fill(value)])
      await redis.call('XADD', key, id.includes('<') ? '*' : id, ...flat)
    }
    return
  }
  for (const [field, value] of Object.entries(stored.content)) {
    if (stored.type === 'string') await redis.set(key, fill(value))
    if (stored.type === 'hash') await redis.call('HSET', key, fill(field), fill(value))
    if (stored.type === 'zset') await redis.call('ZADD', key, fill(value), fill(field))
  }
}
