import { argv, env, stdout } from 'node:process'
import { runCommand } from '@latchkey/dev/command-line'
import { releaseAll } from '../history/scope.ts'
import { CATALOGUE } from './catalogue.ts'
import { readOptions } from './options.ts'
import { runCatalogue } from './run-catalogue.ts'

const tell = (line: string): void => void stdout.write(`${line}\n`)

async function main(): Promise<number> {
  const names = CATALOGUE.map(({ name }) => name)
  const { seed, only, list, signIns } = readOptions(argv.slice(2), names)
  if (list) {
    for (const { name, fault } of CATALOGUE) tell(`${name.padEnd(28)} ${fault}`)
    return 0
  }
  const wanted = only.length === 0 ? CATALOGUE : CATALOGUE.filter(({ name }) => only.includes(name))
  // One that may be hurt, and lasts as long as this process: never a server that is used for anything else.
  env.DATABASE_URL = ''
  const failed = await runCatalogue(wanted, { seed, signIns, tell })
  tell(`${wanted.length - failed.length} held, ${failed.length} failed`)
  if (failed.length > 0) tell(`again: pnpm test:faults --seed ${seed} --only ${failed.join(',')}`)
  return failed.length === 0 ? 0 : 1
}

await runCommand(main, releaseAll)
