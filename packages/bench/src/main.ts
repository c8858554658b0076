import { writeFileSync } from 'node:fs'
import process, { argv, env, stderr, stdout } from 'node:process'
import { chooseGenerator } from './load/choose-generator.ts'
import { describeMachine } from './machine.ts'
import { runMeasures } from './measures/run-measures.ts'
import { readOptions, UsageError } from './options.ts'
import { findCores, pinThisProcess } from './processes/cores.ts'
import { presentReport } from './report/present-report.ts'
import { judgeTargets } from './report/targets.ts'

async function main(): Promise<number> {
  const options = readOptions(argv.slice(2))
  const cores = findCores()
  const generator = chooseGenerator(env)
  const tell = (line: string): void => void stderr.write(`${line}\n`)
  const machine = { ...describeMachine(), loadGenerator: generator.name, pinned: cores.server !== undefined }
  pinThisProcess(cores.neighbours)
  const startedAt = new Date().toISOString()
  tell(JSON.stringify(machine))

  const { sections, failed } = await runMeasures({ options, cores, generator, environment: env, tell })
  const targets = judgeTargets(sections.flatMap(({ findings }) => findings))
  stdout.write(`${presentReport(sections, targets)}\n`)
  if (options.json !== undefined) {
    const results = { startedAt, machine, options, sections, targets, failed }
    writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`)
  }
  return failed.length === 0 ? 0 : 1
}

// What runs meanwhile ends with this process: servers by their watchdogs, services when their channel closes.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

try {
  process.exitCode = await main()
} catch (err) {
  if (!(err instanceof UsageError)) throw err
  stderr.write(`${err.message}\n`)
  process.exitCode = 2
}
