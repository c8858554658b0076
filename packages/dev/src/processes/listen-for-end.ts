import { isAlive, listPackageManagers } from './process-table.ts'

const pollIntervalMs = 500
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Calls `end` once: at a signal, or when the package manager that started us was ended without telling us. */
export function listenForEnd(end: () => void): void {
  const managers = listPackageManagers(process.pid)
  const timer = setInterval(() => {
    if (!managers.every(isAlive)) end()
  }, pollIntervalMs)
  timer.unref()
  for (const signal of signals) process.on(signal, end)
}
