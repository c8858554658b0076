import type { RedisClient } from '@latchkey/redis/client'
import { openScripts, type Script } from '@latchkey/redis/scripts'

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

export type RunScript = (name: ScriptName, ...[keys, args]: Parameters<Script>) => Promise<unknown>

/** Every script of this service, ready to be run by its name. */
export function createScriptRunner(redis: RedisClient): RunScript {
  const scripts = openScripts(redis, new URL('./scripts/', import.meta.url))
  const loaded = new Map(NAMES.map((name) => [name, scripts.load(...BEGINNINGS, name)]))
  return async (name, keys, args) => await loaded.get(name)?.(keys, args)
}
