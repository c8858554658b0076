import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { env } from 'node:process'
import { promisify } from 'node:util'
import { startEphemeralPostgres } from '@latchkey/dev/servers'
import type { TestScope } from '@latchkey/testing/stores'
import { Client } from 'pg'
import { nodeArguments } from './environment.ts'

const passwords = { owner_password: 'of-the-owner', auth_password: 'of-the-service' }

/** The file as psql runs it in its container: `\set` lines name what is quoted with a colon. */
function readInit(): string {
  const text = readFileSync(new URL('../../../docker/postgres-init.sql', import.meta.url), 'utf8')
  const values = Object.entries(passwords)
  const filled = values.reduce((sql, [name, value]) => sql.replaceAll(`:'${name}'`, `'${value}'`), text)
  return filled.replaceAll(':"DBNAME"', 'latchkey').replace(/^\\set .*$/gm, '')
}

/** The same database by another role. */
export function asRole(databaseUrl: string, role: string, password: string): string {
  const url = new URL(databaseUrl)
  url.username = role
  url.password = password
  return url.href
}

export interface GuardedPostgres {
  /** URLs of the database for each who has rights there. */
  readonly superuser: string
  readonly owner: string
  readonly service: string
}

/** A server of this test alone whose database is set up as it is deployed, migrated by its owner. */
export async function startGuardedPostgres(t: TestScope): Promise<GuardedPostgres> {
  const server = await startEphemeralPostgres(env)
  t.teardown(server.stop)
  const superuser = new Client({ connectionString: server.url })
  await superuser.connect()
  await superuser.query(readInit())
  await superuser.end()
  const owner = asRole(server.url, 'latchkey_owner', passwords.owner_password)
  const service = asRole(server.url, 'latchkey_auth', passwords.auth_password)
  const migration = { ...env, MIGRATION_DATABASE_URL: owner, DATABASE_URL: service, NODE_ENV: 'production' }
  await promisify(execFile)(process.execPath, nodeArguments('auth', 'migrate'), { env: migration })
  return { superuser: server.url, owner, service }
}
