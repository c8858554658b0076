import { findWorstStaleness } from './check-history.ts'
import type { End, History, Use } from './history.ts'

/** A chapter in a few lines: what was asked, what came of it, and how late anybody was. */
export function summarize(history: History): string {
  const { uses, ends, disturbances, recovery } = history
  const lines = [
    row(
      'requests',
      count(uses, ({ kind }) => kind === 'use'),
      'refreshes',
      count(uses, isRefresh)
    ),
    row('accepted', count(uses, by('accepted')), 'refused', count(uses, by('refused'))),
    row('unavailable', count(uses, by('unavailable')), 'no answer', count(uses, by('unknown'))),
    row('disturbances', disturbances.length, 'worst staleness', `${findWorstStaleness(history).toFixed(1)} ms`),
    ...(recovery === undefined
      ? []
      : [row('live after', `${recovery.liveAfterMs.toFixed(0)} ms`, 'hit ratio', recovery.hitRatio.toFixed(4))]),
    '',
    `  ${'ended by'.padEnd(46)} ${'ok'.padStart(6)} ${'info'.padStart(6)} ${'p50 ms'.padStart(8)} ${'max ms'.padStart(8)}`,
    ...[...Map.groupBy(ends, ({ route }) => route)].toSorted().map(([route, all]) => endRow(route, all))
  ]
  return lines.join('\n')
}

const isRefresh = ({ kind }: Use) => kind === 'refresh'
const by = (wanted: Use['outcome']) => (use: Use) => use.outcome === wanted

function count<T>(items: readonly T[], matches: (item: T) => boolean): number {
  return items.reduce((total, item) => total + (matches(item) ? 1 : 0), 0)
}

function row(...cells: readonly (string | number)[]): string {
  const [left, leftValue, right, rightValue] = cells
  return `  ${String(left).padEnd(14)} ${String(leftValue).padStart(10)}    ${String(right).padEnd(16)} ${String(rightValue).padStart(10)}`
}

function endRow(route: string, all: readonly End[]): string {
  const taken = all
    .filter(({ outcome }) => outcome === 'ok')
    .map(({ start, end }) => end - start)
    .toSorted((a, b) => a - b)
  const [median, worst] = [taken[Math.floor(taken.length / 2)] ?? 0, taken.at(-1) ?? 0]
  const cells = [String(taken.length).padStart(6), String(all.length - taken.length).padStart(6)]
  return `  ${route.padEnd(46)} ${cells.join(' ')} ${median.toFixed(1).padStart(8)} ${worst.toFixed(1).padStart(8)}`
}
