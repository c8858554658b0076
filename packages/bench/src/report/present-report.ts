import type { Section } from '../measures/section.ts'
import type { Finding } from '../rounds.ts'
import { presentNumber, presentTable } from './table.ts'
import type { TargetResult } from './targets.ts'

/** The tables of all measures, and of the targets. */
export function presentReport(sections: readonly Section[], targets: readonly TargetResult[]): string {
  return [...sections.map(presentSection), presentTargets(targets)].join('\n\n')
}

export function presentSection({ title, findings, baseId, notes = [] }: Section): string {
  const base = findings.find(({ id }) => id === baseId)
  const head = [title, 'median', 'least', 'most', '', ...(base === undefined ? [] : ['Latchkey is']), 'core busy']
  const table = presentTable(
    head,
    findings.map((finding) => presentFinding(finding, base))
  )
  const faults = findings.flatMap(({ name, faults = [] }) => faults.map((fault) => `${name}: a round failed, ${fault}`))
  return [table, ...notes, ...faults].join('\n')
}

function presentFinding({ name, median, values, unit, busy }: Finding, base: Finding | undefined): string[] {
  const isComparable = base !== undefined && base.unit === unit
  return [
    name,
    presentNumber(median),
    ...(values.length > 1 ? [presentNumber(Math.min(...values)), presentNumber(Math.max(...values))] : ['', '']),
    unit,
    ...(base === undefined ? [] : [isComparable ? `${presentNumber(base.median / median)} ×` : '']),
    busy === undefined ? '' : `${Math.round(busy * 100)} %`
  ]
}

function presentTargets(targets: readonly TargetResult[]): string {
  const words = new Map([
    [true, 'yes'],
    [false, 'no'],
    [null, 'not measured']
  ])
  return presentTable(
    ['Target', 'wanted', 'measured', 'holds'],
    targets.map(({ target, wanted, measured, holds }) => [
      target,
      wanted,
      measured === null ? '' : presentNumber(measured),
      words.get(holds) ?? ''
    ])
  )
}
