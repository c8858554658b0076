import { openScripts, type Script, type ScriptClient } from '@latchkey/redis/scripts'

const FOLDER = new URL('./scripts/', import.meta.url)

/** What every script begins with, in this order. */
const BEGINNINGS = ['records', 'owners', 'lineage', 'everyone', 'counts', 'changes']
/** Scripts for a shard that may lack changes; all others refuse one. */
const UNGUARDED: readonly ScriptName[] = ['inspect', 'recover']
/**
 * What somebody is told was done; see `openReplicated`. The others only read, or may be lost: what was recovered is
 * recovered once more where it was.
 */
const KEPT: readonly ScriptName[] = [
  'open',
  'rotate',
  'end',
  'end-all',
  'put-profile',
  'end-matching',
  'end-everyone',
  'erase'
]
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
  'erase',
  'locate',
  'inspect',
  'recover'
] as const
export type ScriptName = (typeof NAMES)[number]

/** Whether it is something that somebody is told was done. */
export function isChange(name: ScriptName): boolean {
  return KEPT.includes(name)
}

export type RunScript = (name: ScriptName, ...[keys, args]: Parameters<Script>) => Promise<unknown>

/** Every script of this service, ready to be run by its name. What must not be lost goes by `kept`. */
export function createScriptRunner(redis: ScriptClient, kept: ScriptClient): RunScript {
  const load = (name: ScriptName) => {
    const client = isChange(name) ? kept : redis
    const guard = UNGUARDED.includes(name) ? [] : ['guard']
    return openScripts(client, FOLDER).load(...BEGINNINGS, ...guard, name)
  }
  const loaded = new Map(NAMES.map((name) => [name, load(name)]))
  return async (name, keys, args) => await loaded.get(name)?.(keys, args)
}
