import t from 'tap'
import { parse } from 'yaml'
import { startStack } from '../../src/stack.ts'
import { listExpressions, listSeries, readAlertRules, readRepositoryFile } from './expressions.ts'
import { type DescribedMetric, describeMetrics } from './metrics-page.ts'

/** What a metric of this kind is stored as, and the labels that this adds. */
const PARTS: Readonly<Record<string, readonly (readonly [suffix: string, labels: readonly string[]])[]>> = {
  histogram: [
    ['_bucket', ['le']],
    ['_sum', []],
    ['_count', []]
  ],
  summary: [
    ['', ['quantile']],
    ['_sum', []],
    ['_count', []]
  ]
}

function listStored({ name, type, labels }: DescribedMetric): [string, Set<string>][] {
  const parts = PARTS[type] ?? [['', []]]
  return parts.map(([suffix, added]) => [`${name}${suffix}`, new Set([...labels, ...added, 'service'])])
}

const metrics = describeMetrics(await startStack(t))
// `up` is what Prometheus itself notes of each target.
const stored = new Map([...metrics.flatMap(listStored), ['up', new Set(['job', 'instance'])] as const])
const expressions = listExpressions()
const rules = readAlertRules()

t.test('what the dashboard and the alerts ask for is shown by the services, with these labels', async (t) => {
  t.ok(expressions.length > 40)
  for (const { where, text } of expressions) {
    const series = listSeries(text)
    t.not(series.length, 0, where)
    for (const { name, labels } of series) {
      const known = stored.get(name)
      t.ok(known !== undefined, `${where}: ${name} is shown`)
      t.same(
        labels.filter((label) => known?.has(label) !== true),
        [],
        `${where}: ${name} has its labels`
      )
    }
  }
})

t.test('whatever the services measure of themselves is on the dashboard', async (t) => {
  const asked = new Set(expressions.flatMap(({ text }) => listSeries(text)).map(({ name }) => name))
  const ours = metrics.filter(({ name }) => name.startsWith('latchkey_'))
  const missing = ours.filter((metric) => !listStored(metric).some(([name]) => asked.has(name)))
  t.same(
    missing.map(({ name }) => name),
    []
  )
})

t.test('each alert has a reason and a place that says what to do', async (t) => {
  const headings = [...readRepositoryFile('docs/operations.md').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title)
  const anchors = headings.map((title) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-')
  )
  for (const { alert, labels, annotations } of rules.groups.flatMap((group) => group.rules)) {
    t.match(labels.severity, /^(critical|warning)$/, alert)
    t.ok(annotations.summary.length > 10 && annotations.description.length > 20, alert)
    const [page, anchor = ''] = annotations.runbook_url.split('#')
    t.equal(page, 'docs/operations.md')
    t.ok(anchors.includes(anchor), `${alert}: ${anchor} is a section`)
  }
})

t.test('on Kubernetes the alerts are the same', async (t) => {
  const { spec } = parse(readRepositoryFile('docker/kubernetes/base/prometheus-rule.yaml'))
  t.same(spec, rules)
})
