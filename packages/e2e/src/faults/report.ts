import type { Outcome } from './scenario.ts'

const HEAD = ['scenario', 'verdict', 'first 503', 'recovery', 'wrong', 'other 5xx', 'access p99 before/during']
const WIDTHS = [28, 8, 10, 9, 6, 10, 24]

export const heading = row(HEAD)

/** One scenario in a line, and below it why it failed. */
export function presentOutcome(name: string, { findings, figures, notes }: Outcome): string {
  const { first503Ms, recoveryMs, wrong, otherErrors, p99Ms } = figures
  const line = row([
    name,
    findings.length === 0 ? 'ok' : 'FAILED',
    toMs(first503Ms),
    toMs(recoveryMs),
    String(wrong),
    String(otherErrors),
    p99Ms === undefined ? '-' : p99Ms.map((ms) => `${ms.toFixed(0)} ms`).join(' / ')
  ])
  return [line, ...findings.map((text) => `    ! ${text}`), ...notes.map((text) => `    ${text}`)].join('\n')
}

function toMs(value: number | undefined): string {
  return value === undefined ? '-' : `${value.toFixed(0)} ms`
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell, index) => cell.padEnd(WIDTHS[index] ?? 0))
    .join(' ')
    .trimEnd()
}
