import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { StoreUnavailable } from '../domain/ports.ts'
import type { RedisClient } from './redis-client.ts'

/** Told of each command's fate; see `createAvailability`. */
export interface Availability {
  up(): void
  down(err: unknown): void
}

export type Script = (keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>

export interface ScriptRunner {
  /** A script of the folder `scripts`, by its file's name without ending; of several the one goes before the other. */
  load(...names: readonly string[]): Script
}

/**
 * Runs scripts by their hash, and sends the source where the server does not know it: after a restart or a failover.
 * A server that cannot be reached, or cannot work for now, is a `StoreUnavailable`.
 */
export function createScriptRunner(redis: RedisClient, availability: Availability): ScriptRunner {
  return {
    load: (...names) => {
      const source = names.map(readSource).join('')
      const hash = createHash('sha1').update(source).digest('hex')
      return async (keys, args) => {
        try {
          const reply = await evaluate(redis, { source, hash }, keys, args)
          availability.up()
          return reply
        } catch (err) {
          if (isFaultOfOurs(err)) throw err
          availability.down(err)
          throw new StoreUnavailable('Redis does not answer', { cause: err })
        }
      }
    }
  }
}

function readSource(name: string): string {
  return readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8')
}

interface Source {
  readonly source: string
  readonly hash: string
}

async function evaluate(redis: RedisClient, { source, hash }: Source, ...[keys, args]: Parameters<Script>) {
  try {
    return await redis.evalsha(hash, keys.length, ...keys, ...args)
  } catch (err) {
    if (!(isReplyError(err) && err.message.startsWith('NOSCRIPT'))) throw err
    return await redis.eval(source, keys.length, ...keys, ...args)
  }
}

/** What the server answers while it cannot work: it passes without a change of ours. */
const TEMPORARY =
  /^(?:LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|OOM|MISCONF|NOREPLICAS|BUSY|NOAUTH|WRONGPASS|NOPERM|ERR max)/

function isReplyError(err: unknown): err is Error {
  return err instanceof Error && err.name === 'ReplyError'
}

/** Everything but a reply is a connection's failure. */
function isFaultOfOurs(err: unknown): boolean {
  return isReplyError(err) && !TEMPORARY.test(err.message)
}
