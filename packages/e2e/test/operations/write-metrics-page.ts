import { writeFile } from 'node:fs/promises'
import { startStack } from '../../src/stack.ts'
import { describeMetrics, renderMetricsPage } from './metrics-page.ts'

const releases: (() => Promise<void> | void)[] = []
const stack = await startStack({ teardown: (release) => void releases.unshift(release) })
await writeFile(new URL('../../../../docs/metrics.md', import.meta.url), renderMetricsPage(describeMetrics(stack)))
for (const release of releases) await release()
process.exit()
