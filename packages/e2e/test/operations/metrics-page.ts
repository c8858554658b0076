import { SERVICES } from '../../src/environment.ts'
import type { Stack } from '../../src/stack.ts'

export interface DescribedMetric {
  readonly name: string
  readonly type: string
  readonly help: string
  /** Besides `service`, which each of them has. */
  readonly labels: readonly string[]
  readonly services: readonly string[]
}

/** Every metric that the services can show, whether or not anything was measured yet, by name. */
export function describeMetrics({ apps }: Pick<Stack, 'apps'>): DescribedMetric[] {
  const described = new Map<string, DescribedMetric>()
  for (const service of SERVICES) {
    for (const metric of apps[service].metrics?.registry.getMetricsAsArray() ?? []) {
      const { name, help } = metric
      const labels = 'labelNames' in metric && Array.isArray(metric.labelNames) ? metric.labelNames.map(String) : []
      const services = [...(described.get(name)?.services ?? []), service]
      described.set(name, { name, type: String(metric.type), help, labels, services })
    }
  }
  return [...described.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

const HEAD = `# Metrics

What each service shows at \`/metrics\` of its own port (the gateway on \`GATEWAY_MANAGEMENT_PORT\`), in the text format of
Prometheus. Written by \`npx pnpm@12 --filter @latchkey/e2e metrics\`; a test fails when it is not what the services show.

Each metric has the label \`service\`. All other labels take their values from fixed sets: subjects of contracts, codes of the
catalogue of errors, patterns of routes. None holds an address, an id or a name of anybody. A gauge of something that cannot be
asked at the moment (a store that is down) has no value until it can.

A dashboard is \`docker/grafana/latchkey.json\`, alerts are \`docker/prometheus/alerts.yml\`; both are made of what is listed here.
`

/** The page that documents them. */
export function renderMetricsPage(metrics: readonly DescribedMetric[]): string {
  const isOurs = ({ name }: DescribedMetric) => name.startsWith('latchkey_')
  const ours = metrics.filter(isOurs)
  const others = metrics.filter((metric) => !isOurs(metric))
  return `${HEAD}\n## Of Latchkey\n\n${renderTable(ours)}\n## Of the process\n\n${renderTable(others)}`
}

function renderTable(metrics: readonly DescribedMetric[]): string {
  const rows = metrics.map(({ name, type, labels, services, help }) => {
    const shownBy = services.length === SERVICES.length ? 'all' : services.join(', ')
    return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${shownBy} | ${help.replace(/\.$/, '')} |\n`
  })
  return `| Metric | Type | Labels | Shown by | What it tells |\n| --- | --- | --- | --- | --- |\n${rows.join('')}`
}
