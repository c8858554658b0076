import { writeFileSync } from 'node:fs'
import { argv, env, stderr, stdout } from 'node:process'
import { runCommand } from '@latchkey/dev/command-line'
import { chooseGenerator } from './load/choose-generator.ts'
import { describeMachine } from './machine.ts'
import { runMeasures } from './measures/run-measures.ts'
import { readOptions } from './options.ts'
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

await runCommand(main)
