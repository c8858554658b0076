import { argv, env, stdout } from 'node:process'
import { runCommand } from '@latchkey/dev/command-line'
import { startEphemeralPostgres } from '@latchkey/dev/servers'
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
  // One that may be killed: never a server that is used for anything else.
  const postgres = await startEphemeralPostgres(env)
  env.DATABASE_URL = postgres.url
  try {
    const failed = await runCatalogue(wanted, { seed, signIns, tell })
    tell(`${wanted.length - failed.length} held, ${failed.length} failed`)
    if (failed.length > 0) tell(`again: pnpm test:faults --seed ${seed} --only ${failed.join(',')}`)
    return failed.length === 0 ? 0 : 1
  } finally {
    await postgres.stop()
  }
}

await runCommand(main, releaseAll)
