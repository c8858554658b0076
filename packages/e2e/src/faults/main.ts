import process, { argv, env, stderr, stdout } from 'node:process'
import { startEphemeralPostgres } from '@latchkey/dev/servers'
import { UsageError } from '../history/options.ts'
import { releaseAll } from '../history/scope.ts'
import { CATALOGUE } from './catalogue.ts'
import { readOptions } from './options.ts'
import { runCatalogue } from './run-catalogue.ts'

// What runs meanwhile ends with this process, and is released in order where it can be.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void releaseAll().finally(() => process.exit(130)))
}

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

try {
  process.exitCode = await main()
} catch (err) {
  if (!(err instanceof UsageError)) throw err
  stderr.write(`${err.message}\n`)
  process.exitCode = 2
}
