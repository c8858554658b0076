import { setTimeout as delay } from 'node:timers/promises'
import { isAlive, type ProcessIdentity } from './process-table.ts'

const pollIntervalMs = 25

function signal({ pid }: ProcessIdentity, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended meanwhile.
  }
}

async function haveEnded(identities: readonly ProcessIdentity[], timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  while (identities.some(isAlive)) {
    if (performance.now() > deadline) return false
    await delay(pollIntervalMs)
  }
  return true
}

/** Asks with SIGTERM, ends by SIGKILL who is left after `graceMs`; only the very processes named are touched. */
export async function endProcesses(identities: readonly ProcessIdentity[], graceMs: number): Promise<void> {
  const alive = identities.filter(isAlive)
  for (const identity of alive) signal(identity, 'SIGTERM')
  if (await haveEnded(alive, graceMs)) return
  for (const identity of alive.filter(isAlive)) signal(identity, 'SIGKILL')
  await haveEnded(alive, graceMs)
}
