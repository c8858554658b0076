import { authContract } from '@latchkey/contracts/auth'
import type { ReplyOf } from '@latchkey/contracts/define'
import type { ErrorCode, Result } from '@latchkey/contracts/errors'
import { createClient } from '@latchkey/messaging/client'
import { openNatsTransport } from '@latchkey/messaging/nats'
import { readConfig } from '@latchkey/runtime/config'
import { createDatabase, createPreparedDatabase, startNats, type TestScope } from '@latchkey/testing/stores'
import { buildApp } from '../src/app.ts'
import { variables } from '../src/config.ts'
import { migrateDatabase } from '../src/migrate-database.ts'
import { opening } from './domain/fakes.ts'
import { logger } from './silent-logger.ts'

export function openTestTransport(t: TestScope, url: string) {
  const transport = openNatsTransport({ url, name: 'auth-test', log: logger })
  t.teardown(() => transport.close())
  return transport
}

/** Cheap hashes and much patience: neither costs nor limits are what these tests are about. */
const PATIENT = {
  ARGON2_MEMORY_KIB: '64',
  ARGON2_PASSES: '1',
  HASH_QUEUE_LENGTH: '100',
  DATABASE_POOL_WAIT: '5000',
  DATABASE_STATEMENT_TIMEOUT: '10000',
  FACTOR_SECRET: 'only-for-tests-0123456789abcdef0123456789'
}

export interface Place {
  readonly natsUrl: string
  readonly databaseUrl: string
}

/** The app as `main.ts` would build it, on a transport of its own, and a client of it on another one. */
export async function startAuth(t: TestScope, { natsUrl, databaseUrl }: Place, given: Record<string, string> = {}) {
  const config = readConfig(variables, { ...PATIENT, DATABASE_URL: databaseUrl, NATS_URL: natsUrl, ...given })
  const transport = openTestTransport(t, natsUrl)
  const app = await buildApp({ config, transport, logger })
  t.teardown(() => app.close())
  await app.ready()
  await connected(transport)
  return { app, transport, auth: createClient(authContract, transport, logger) }
}

async function connected(transport: ReturnType<typeof openTestTransport>): Promise<void> {
  if (transport.state === 'disconnected') {
    await new Promise<void>((resolve) => transport.onState((state) => state === 'connected' && resolve()))
  }
  await transport.flush(2000)
}

export async function createPlace(t: TestScope): Promise<Place> {
  const { url: natsUrl } = await startNats(t)
  const { url: databaseUrl } = await createDatabase(t)
  return { natsUrl, databaseUrl }
}

const prepare = (url: string) => migrateDatabase({ url, waitMs: 0 })

export async function createMigratedPlace(t: TestScope): Promise<Place> {
  const { url: natsUrl } = await startNats(t)
  const { url: databaseUrl } = await createPreparedDatabase(t, prepare)
  return { natsUrl, databaseUrl }
}

export const call = { requestId: 'test', timeoutMs: 20_000 }

export function createRegistration(email: string, password = 'a fine password') {
  const identifiers = [{ kind: 'email' as const, value: email }]
  return {
    identifiers,
    password,
    firstName: null,
    lastName: null,
    rules: 'platform' as const,
    client: opening.client,
    opening
  }
}

/** The user and the session of a registration; throws for one that was refused, or opened none. */
export function getOpened(registered: Result<ReplyOf<typeof authContract.register>, ErrorCode>) {
  if (!registered.ok) throw new Error(registered.code)
  const { user, opened } = registered.value
  if (opened === null) throw new Error('no session was opened')
  return { user, session: opened.session }
}

export function createSignIn(value: string, password = 'a fine password') {
  return { identifier: { kind: null, value }, password, opening }
}

/** Waits for what is not answered to anybody; the test's own limit ends a wait in vain. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20))
}
