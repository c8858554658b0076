import { argv, stdout } from 'node:process'
import { runCommand, UsageError } from '@latchkey/dev/command-line'
import { readOptions } from '../history/options.ts'
import { runHistory } from '../history/run-history.ts'
import { createScope, releaseAll } from '../history/scope.ts'
import { ARRANGEMENTS, type ArrangementName, planCluster } from './arrangements.ts'

const tell = (line: string): void => void stdout.write(`${line}\n`)
const isArrangement = (name: string): name is ArrangementName => name in ARRANGEMENTS

async function runArrangement(name: ArrangementName, args: readonly string[]): Promise<boolean> {
  const { seed, seconds, users } = readOptions(args)
  const plan = planCluster(name)
  const scope = createScope()
  tell(`${name}:`)
  try {
    const run = await runHistory(scope, { ...plan, users: users ?? plan.users, seed, seconds, tell })
    tell(`${name}: ${run.violations.length} violations; ${run.accepted} requests accepted, ${run.ended} endings`)
    return run.violations.length === 0
  } finally {
    await scope.release()
  }
}

async function main(): Promise<number> {
  const [first = '', ...rest] = argv.slice(2).filter((word) => word !== '--')
  const isNamed = isArrangement(first)
  if (!isNamed && first !== '' && !first.startsWith('--'))
    throw new UsageError(`no arrangement "${first}"; there are ${Object.keys(ARRANGEMENTS).join(', ')}`)
  const names = isNamed ? [first] : Object.keys(ARRANGEMENTS).filter(isArrangement)
  let isSound = true
  for (const name of names) isSound = (await runArrangement(name, isNamed ? rest : argv.slice(2))) && isSound
  return isSound ? 0 : 1
}

await runCommand(main, releaseAll)
