/** What an audit came to: `unknown` where nobody could be asked, with the reason in a line. */
export type Audit =
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'known'; readonly severe: readonly string[]; readonly others: number }

const SEVERE = ['high', 'critical']

/** Reads what `pnpm audit --json` says; its exit code tells the same for an advisory as for a registry that has none. */
export function readAudit(output: string): Audit {
  const report = parseObject(output)
  const advisories = report === undefined ? undefined : listMembers(report, 'advisories')
  if (advisories === undefined) return { kind: 'unknown', reason: findReason(output) }
  const [severe, others] = [advisories.filter(isSevere), advisories.filter((each) => !isSevere(each))]
  return { kind: 'known', severe: severe.map(describe), others: others.length }
}

type Members = Readonly<Record<string, unknown>>

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null
}

/** The one JSON object among the lines. */
function parseObject(output: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1))
    return isMembers(value) ? value : undefined
  } catch {
    return undefined
  }
}

function listMembers(report: Members, name: string): Members[] | undefined {
  const members = report[name]
  return isMembers(members) ? Object.values(members).filter(isMembers) : undefined
}

function isSevere({ severity }: Members): boolean {
  return SEVERE.includes(String(severity))
}

function describe({ module_name: name, severity, title, url }: Members): string {
  return [name, severity, title, url].filter((part) => part !== undefined).join(', ')
}

function findReason(output: string): string {
  const lines = output.split('\n').map((line) => line.replace(/^[\s×│]+/, '').trim())
  return lines.find((line) => line !== '')?.slice(0, 100) ?? 'no answer in time'
}
