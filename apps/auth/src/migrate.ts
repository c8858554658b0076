import { env } from 'node:process'
import { run } from '@latchkey/runtime/start'
import { readMigrationDatabase } from './config.ts'
import { migrateDatabase } from './migrate-database.ts'

const WAIT_MS = 30_000

await run(async () => {
  const database = readMigrationDatabase(env)
  try {
    const applied = await migrateDatabase({ ...database, waitMs: WAIT_MS })
    process.stdout.write(`auth migrations: ${applied.length === 0 ? 'up to date' : `applied ${applied.join(', ')}`}\n`)
  } catch (err) {
    process.stderr.write(`auth migrations: failed (${err instanceof Error ? err.message : 'unknown'})\n`)
    process.exitCode = 1
  }
})
