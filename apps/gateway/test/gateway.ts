import { setTimeout } from 'node:timers/promises'
import { accountsContract } from '@latchkey/contracts/accounts'
import { activityContract } from '@latchkey/contracts/activity'
import { adminContract } from '@latchkey/contracts/admin'
import { authContract, type SignedIn } from '@latchkey/contracts/auth'
import { factorsContract } from '@latchkey/contracts/factors'
import type { Role } from '@latchkey/contracts/ids'
import { recoveryContract } from '@latchkey/contracts/recovery'
import { sessionContract } from '@latchkey/contracts/session'
import { sessionAdminContract } from '@latchkey/contracts/session-admin'
import { openNatsTransport } from '@latchkey/messaging/nats'
import { serve } from '@latchkey/messaging/server'
import { readConfig } from '@latchkey/runtime/config'
import { createLogger } from '@latchkey/runtime/logger'
import type { FastifyInstance } from 'fastify'
import { buildApp } from '../src/app.ts'
import { type Config, getVariables } from '../src/config.ts'
import * as standIns from './stand-ins.ts'
import { createKey, type TestKey } from './tokens.ts'

interface Scope {
  teardown(release: () => Promise<void> | void): void
}

export interface GatewayOptions {
  readonly natsUrl: string
  readonly environment?: Readonly<Record<string, string>>
  readonly auth?: Partial<standIns.AuthHandlers>
  readonly factors?: Partial<standIns.FactorHandlers>
  readonly recovery?: Partial<standIns.RecoveryHandlers>
  readonly admin?: Partial<standIns.AdminHandlers>
  readonly accounts?: Partial<standIns.AccountHandlers>
  readonly session?: Partial<standIns.SessionHandlers>
  readonly sessionAdmin?: Partial<standIns.SessionAdminHandlers>
  readonly activity?: Partial<standIns.ActivityHandlers>
  /** Of the signed-in user; `user` unless given. */
  readonly role?: Role
  /** Services that nobody serves; `recovery` is a part of `auth`. */
  readonly absent?: readonly ('auth' | 'session' | 'activity')[]
  /** Where the log goes; nowhere unless given. */
  readonly log?: { write(line: string): void }
}

export interface TestGateway {
  readonly app: FastifyInstance
  readonly config: Config
  /** The user, session and tokens that the stand-ins know. */
  readonly signedIn: SignedIn
  readonly key: TestKey
  /** Header fields of the signed-in user. */
  readonly bearer: { readonly authorization: string }
}

const key = createKey('test-key')

/** The gateway as `main.ts` builds it, over a real NATS, with stand-ins for the services behind it. */
export async function startGateway(t: Scope, options: GatewayOptions): Promise<TestGateway> {
  const environment = { NODE_ENV: 'test', DRAIN_DELAY: '0', NATS_URL: options.natsUrl, ...options.environment }
  const config = readConfig(getVariables(environment), environment)
  const logger = createLogger({
    service: 'gateway',
    level: options.log === undefined ? 'silent' : 'debug',
    ...(options.log === undefined ? {} : { destination: options.log })
  })
  const transport = openNatsTransport({ url: options.natsUrl, name: 'gateway-test', log: logger })
  t.teardown(() => transport.close())

  const signedIn = standIns.createSignedIn(key, options.role)
  const served = serveStandIns(options, signedIn, { transport, log: logger })
  t.teardown(async () => {
    await Promise.all(served.map((subscription) => subscription.drain()))
  })

  const app = await buildApp({ config, transport, logger })
  t.teardown(() => app.close())
  await app.ready()
  if (options.absent?.includes('session') !== true) await awaitReadiness(app, 200)
  return { app, config, signedIn, key, bearer: { authorization: `Bearer ${signedIn.tokens.accessToken}` } }
}

function serveStandIns(options: GatewayOptions, signedIn: SignedIn, base: Omit<Parameters<typeof serve>[2], 'queue'>) {
  const { absent = [] } = options
  const auth = { ...standIns.createAuth(signedIn), ...options.auth }
  const factors = { ...standIns.createFactors(signedIn), ...options.factors }
  const recovery = { ...standIns.createRecovery(), ...options.recovery }
  const admin = { ...standIns.createAdmin(signedIn), ...options.admin }
  const accounts = { ...standIns.createAccounts(signedIn), ...options.accounts }
  const session = { ...standIns.createSessions(signedIn, { keys: [key.jwk] }), ...options.session }
  const sessionAdmin = { ...standIns.createSessionAdmin(signedIn), ...options.sessionAdmin }
  const activity = { ...standIns.createActivity(), ...options.activity }
  return [
    ...(absent.includes('auth')
      ? []
      : [
          serve(authContract, auth, { ...base, queue: 'auth' }),
          serve(accountsContract, accounts, { ...base, queue: 'auth' }),
          serve(adminContract, admin, { ...base, queue: 'auth' }),
          serve(factorsContract, factors, { ...base, queue: 'auth' }),
          serve(recoveryContract, recovery, { ...base, queue: 'auth' })
        ]),
    ...(absent.includes('session')
      ? []
      : [
          serve(sessionContract, session, { ...base, queue: 'session' }),
          serve(sessionAdminContract, sessionAdmin, { ...base, queue: 'session' })
        ]),
    ...(absent.includes('activity') ? [] : [serve(activityContract, activity, { ...base, queue: 'activity' })])
  ]
}

/** Waits until `/readyz` has that status; between two looks the sockets get their turn. */
export async function awaitReadiness(app: FastifyInstance, status: 200 | 503): Promise<void> {
  while ((await app.inject('/readyz')).statusCode !== status) await setTimeout(10)
}
