import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LaunchError } from '../launch-error.ts'
import { findProcess, isAlive, type ProcessIdentity } from '../processes/process-table.ts'

function lockFile(dataFolder: string): string {
  return join(dataFolder, 'launcher.lock')
}

function readIdentity(file: string): ProcessIdentity | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('startedAt' in value)) return undefined
    return { pid: Number(value.pid), startedAt: String(value.startedAt) }
  } catch {
    return undefined
  }
}

/** The launcher that runs on this data folder. */
export function findHolder(dataFolder: string): ProcessIdentity | undefined {
  const holder = readIdentity(lockFile(dataFolder))
  return holder !== undefined && isAlive(holder) ? holder : undefined
}

/** A link appears whole or not at all, and only one of several racing launchers gets it. */
function tryLink(draft: string, file: string): boolean {
  try {
    linkSync(draft, file)
    return true
  } catch {
    return false
  }
}

/** Moves the lock of a dead launcher away; of several that try, one succeeds. */
function removeStale(file: string): void {
  const aside = `${file}.stale-${process.pid}`
  try {
    renameSync(file, aside)
  } catch {
    return
  }
  const moved = readIdentity(aside)
  if (moved !== undefined && isAlive(moved)) tryLink(aside, file)
  rmSync(aside, { force: true })
}

/** Takes the data folder for this process; returns how to give it back. */
export function takeLock(dataFolder: string, cure: string): () => void {
  const file = lockFile(dataFolder)
  const draft = `${file}.${process.pid}`
  const own = findProcess(process.pid)
  writeFileSync(draft, JSON.stringify({ pid: process.pid, startedAt: own?.startedAt }), { mode: 0o600 })
  try {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      if (tryLink(draft, file)) return () => rmSync(file, { force: true })
      const holder = findHolder(dataFolder)
      if (holder !== undefined) throw new LaunchError(`Latchkey is already running here as pid ${holder.pid}; ${cure}`)
      removeStale(file)
    }
    throw new LaunchError(`${file} cannot be taken; is the folder writable?`)
  } finally {
    rmSync(draft, { force: true })
  }
}
