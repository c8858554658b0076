import { randomUUIDv7 } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { argv, env, loadEnvFile, stderr, stdin, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import type { Failure } from '@latchkey/contracts/errors'
import { type Environment, readConfig } from '@latchkey/runtime/config'
import { run } from '@latchkey/runtime/start'
import { createCommonPasswords } from './common-passwords.ts'
import { getDatabaseOptions, getPasswordsOptions, getVariables } from './config.ts'
import { createAdmin, type NewAdmin } from './domain/create-admin.ts'
import { createPasswords } from './passwords.ts'
import { readPassword } from './read-password.ts'
import { openCommandStores } from './stores.ts'
import { withStore } from './with-store.ts'

const USAGE = 'usage: admin:create --email <address> [--password <password>] [--promote]'
const DEADLINE_MS = 30_000
const root = join(import.meta.dirname, '..', '..', '..')

/** What the environment leaves open is taken from the stack that runs in this folder, if one does. */
function readEnvironment(environment: Environment) {
  const file = resolve(root, environment.LATCHKEY_DATA || '.latchkey', 'auth.env')
  if (!environment.DATABASE_URL && existsSync(file)) loadEnvFile(file)
  const {
    NATS_URL: _bus,
    FACTOR_SECRET: _secret,
    FACTOR_SECRETS_FORMER: _former,
    ...variables
  } = getVariables(environment)
  return readConfig(variables, environment)
}

function readArguments():
  | { readonly email: string; readonly password?: string; readonly promote: boolean }
  | undefined {
  try {
    const options = { email: { type: 'string' }, password: { type: 'string' }, promote: { type: 'boolean' } } as const
    const { email, password, promote = false } = parseArgs({ args: argv.slice(2), options }).values
    // Nobody needs to see in a list of processes what came by the command line.
    process.title = 'latchkey admin:create'
    return email === undefined ? undefined : { email, promote, ...(password === undefined ? {} : { password }) }
  } catch {
    return undefined
  }
}

const OUTCOMES = { created: 'created, an admin', promoted: 'made an admin', unchanged: 'an admin already' } as const

function describe(failure: Failure): string {
  switch (failure.code) {
    case 'invalid_request':
      return failure.details.errors.map(({ field, message }) => `${field} ${message}`).join('; ')
    case 'wrong_password':
      return 'there is a user with this address and another password; --promote makes them an admin all the same'
    case 'identifier_taken':
      return 'somebody has registered this address just now; try again'
    default:
      return 'the database does not answer, or its migrations are pending'
  }
}

async function create(admin: NewAdmin): Promise<number> {
  const config = readEnvironment(env)
  const stores = openCommandStores(getDatabaseOptions(config))
  const minLength = config.PASSWORD_MIN_LENGTH
  const deps = {
    users: stores.users,
    admins: stores.admins,
    passwords: createPasswords(getPasswordsOptions(config)),
    policy: { minLength, isCommon: createCommonPasswords(minLength) },
    now: () => new Date(),
    newId: () => randomUUIDv7()
  }
  try {
    const context = { requestId: 'admin:create', traceparent: undefined, remainingMs: () => DEADLINE_MS }
    const created = await withStore((request: NewAdmin) => createAdmin(deps, request, context))(admin, context)
    if (created.ok) stdout.write(`admin:create: ${admin.email} is ${OUTCOMES[created.value]}\n`)
    else stderr.write(`admin:create: ${describe(created)}\n`)
    return created.ok ? 0 : 1
  } finally {
    await stores.close()
  }
}

await run(async () => {
  const given = readArguments()
  if (given === undefined) {
    stderr.write(`${USAGE}\n`)
    process.exitCode = 2
    return
  }
  const { email, password, promote } = given
  const ask = async () => password ?? (await readPassword({ input: stdin, output: stderr }))
  process.exitCode = await create({
    email,
    promote,
    readPassword: ask,
    client: { ipAddress: '', userAgent: 'admin:create' }
  })
  // A terminal that was read from keeps the process alive.
  stdin.destroy()
})
