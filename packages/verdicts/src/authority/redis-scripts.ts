import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Cluster, Redis } from 'ioredis'

/** Runs one script; a server that does not know it, a new one or one that was restarted, gets its text. */
export type RunScript = (args: readonly (string | number)[]) => Promise<unknown>

/** All keys of a script are of one slot, so that it runs on a cluster as it is. */
export function createScriptLoader(redis: Redis | Cluster, keys: readonly string[]): (name: string) => RunScript {
  const preamble = readSource('preamble')
  return (name) => {
    const source = `${preamble}\n${readSource(name)}`
    const sha = createHash('sha1').update(source).digest('hex')
    return async (args) => {
      try {
        return await redis.evalsha(sha, keys.length, ...keys, ...args)
      } catch (err) {
        if (!(err instanceof Error) || !err.message.startsWith('NOSCRIPT')) throw err
        return await redis.eval(source, keys.length, ...keys, ...args)
      }
    }
  }
}

function readSource(name: string): string {
  return readFileSync(new URL(`../scripts/${name}.lua`, import.meta.url), 'utf8')
}
