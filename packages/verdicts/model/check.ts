import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { MUTANTS, PROTOCOL, type Run, SPARE, WIDE } from './rules.ts'
import { type Finding, provideSpin, readStory, search } from './spin.ts'

const SEARCHES_AT_A_TIME = 2

const { values: options } = parseArgs({
  options: { show: { type: 'string' }, wide: { type: 'boolean', default: false } }
})

await provideSpin()
const folder = await mkdtemp(join(tmpdir(), 'verdict-model-'))
try {
  if (options.show === undefined) await check([...PROTOCOL, ...MUTANTS, ...SPARE, ...(options.wide ? WIDE : [])])
  else await show(options.show)
} finally {
  await rm(folder, { recursive: true })
}

/** Prints a table, and fails the process when the protocol does not hold or a broken one is not found out. */
async function check(runs: readonly Run[]): Promise<void> {
  const startedAt = performance.now()
  const findings = await searchAll(runs)
  const surprises = findings.filter(({ run, outcome }) => outcome !== run.expected)
  for (const finding of findings) console.log(presentFinding(finding))
  for (const { run, output } of surprises) console.log(`\n${run.rule ?? run.says}: expected ${run.expected}\n${output}`)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0)
  console.log(`\n${runs.length} searches in ${seconds} s, ${surprises.length} not as expected`)
  if (surprises.length > 0) process.exitCode = 1
}

/** Prints the shortest way in which a broken protocol goes wrong. */
async function show(rule: string): Promise<void> {
  const run = MUTANTS.find((mutant) => mutant.rule === rule)
  if (run === undefined) throw new Error(`--show takes one of ${MUTANTS.map((mutant) => mutant.rule).join(', ')}`)
  console.log(presentFinding(await search(run, folder)))
  console.log(await readStory(run, folder))
}

async function searchAll(runs: readonly Run[]): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  const waiting = [...runs.entries()]
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [place, run] = next
      findings[place] = await search(run, folder)
    }
  }
  await Promise.all(Array.from({ length: SEARCHES_AT_A_TIME }, work))
  return findings
}

function presentFinding({ run, outcome, states, seconds }: Finding): string {
  const verdict = outcome === run.expected ? outcome : `${outcome} !`
  const columns = [verdict.padEnd(16), `${states}`.padStart(9), `${seconds.toFixed(1)} s`.padStart(8)]
  return `${columns.join(' ')}  ${run.rule === undefined ? '' : `${run.rule}: `}${run.says}`
}
