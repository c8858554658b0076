import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

/** One PromQL expression of ours, and where it stands. */
export interface Expression {
  readonly where: string
  readonly text: string
}

export interface AlertRule {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook_url: string }
}

export interface AlertRules {
  readonly groups: readonly { readonly rules: readonly AlertRule[] }[]
}

interface Panel {
  readonly title: string
  readonly targets?: readonly { readonly expr: string }[]
}

/** The text of a file of the repository, by its path there. */
export function readRepositoryFile(path: string): string {
  return readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8')
}

export function readAlertRules(): AlertRules {
  return parse(readRepositoryFile('docker/prometheus/alerts.yml'))
}

export function listExpressions(): Expression[] {
  const { panels }: { panels: readonly Panel[] } = JSON.parse(readRepositoryFile('docker/grafana/latchkey.json'))
  const shown = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ where: title, text: expr })))
  const rules = readAlertRules().groups.flatMap((group) => group.rules)
  return [...shown, ...rules.map(({ alert, expr }) => ({ where: alert, text: expr }))]
}

/** A series an expression asks for, with the labels that it is chosen, grouped or joined by. */
export interface Series {
  readonly name: string
  readonly labels: readonly string[]
}

const SERIES = /\b((?:latchkey|nodejs|process)_\w+|up)\b(?:\{([^}]*)\})?/g
const GROUPING = /\b(?:by|on|without)\s*\(([^)]*)\)/g

/** Labels by which an expression groups have to be those of each of its series: it is about one thing. */
export function listSeries(text: string): Series[] {
  const grouped = [...text.matchAll(GROUPING)].flatMap(([, names = '']) => names.split(',').map((name) => name.trim()))
  return [...text.matchAll(SERIES)].map(([, name = '', matchers = '']) => {
    const chosen = [...matchers.matchAll(/(\w+)\s*[=!]/g)].map(([, label = '']) => label)
    return { name, labels: [...new Set([...chosen, ...grouped])] }
  })
}
