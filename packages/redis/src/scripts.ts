import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

export type ScriptArgument = string | number | Buffer

/** Whatever runs scripts as Redis does: a client, or what stands before one. */
export interface ScriptClient {
  evalsha(sha: string, keyCount: number, ...rest: ScriptArgument[]): Promise<unknown>
  eval(source: string, keyCount: number, ...rest: ScriptArgument[]): Promise<unknown>
}

/** Runs one script; all its keys are of one slot, so that it runs on a cluster as it is. */
export type Script = (keys: readonly string[], args: readonly ScriptArgument[]) => Promise<unknown>

export interface Scripts {
  /** The text of these files of the folder, by their names without ending, one after the other as one script. */
  load(...names: readonly string[]): Script
}

/** Scripts of a folder, which ends with a slash, run by their hash; a server that does not know one gets its text. */
export function openScripts(redis: ScriptClient, folder: URL): Scripts {
  return {
    load: (...names) => {
      const source = names.map((name) => readFileSync(new URL(`${name}.lua`, folder), 'utf8')).join('\n')
      const sha = createHash('sha1').update(source).digest('hex')
      return async (keys, args) => {
        try {
          return await redis.evalsha(sha, keys.length, ...keys, ...args)
        } catch (err) {
          if (!(err instanceof Error) || !err.message.startsWith('NOSCRIPT')) throw err
          return await redis.eval(source, keys.length, ...keys, ...args)
        }
      }
    }
  }
}
