import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { RedisClient } from './redis.ts'

/** What every script begins with, in this order. */
const BEGINNINGS = ['records', 'owners', 'everyone', 'counts', 'changes']
const NAMES = [
  'open',
  'check',
  'rotate',
  'find',
  'end',
  'end-all',
  'list',
  'put-profile',
  'touch',
  'list-users',
  'end-matching',
  'end-everyone',
  'list-pending',
  'sweep',
  'read-counts',
  'note-announced',
  'list-devices',
  'erase'
] as const
export type ScriptName = (typeof NAMES)[number]

interface Script {
  readonly source: string
  readonly sha: string
}

export type RunScript = (
  name: ScriptName,
  keys: readonly string[],
  args: readonly (string | number | Buffer)[]
) => Promise<unknown>

/** Runs a script by its hash; a server that does not know it, a new one or one that was restarted, gets its text. */
export function createScriptRunner(redis: RedisClient): RunScript {
  const scripts = readScripts()
  return async (name, keys, args) => {
    const { source, sha } = scripts[name]
    try {
      return await redis.evalsha(sha, keys.length, ...keys, ...args)
    } catch (err) {
      if (!(err instanceof Error) || !err.message.startsWith('NOSCRIPT')) throw err
      return await redis.eval(source, keys.length, ...keys, ...args)
    }
  }
}

function readScripts(): Readonly<Record<ScriptName, Script>> {
  const beginning = BEGINNINGS.map(readSource).join('\n')
  const entries = NAMES.map((name) => {
    const source = `${beginning}\n${readSource(name)}`
    return [name, { source, sha: createHash('sha1').update(source).digest('hex') }]
  })
  return Object.fromEntries(entries)
}

function readSource(name: string): string {
  return readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8')
}
