import type { CallOptions, Client, RequestOf } from '@latchkey/contracts/define'
import type { Result } from '@latchkey/contracts/errors'
import { sessionContract } from '@latchkey/contracts/session'
import { createClient } from '@latchkey/messaging/client'
import { openNatsTransport } from '@latchkey/messaging/nats'
import type { Transport } from '@latchkey/messaging/transport'
import { type Environment, readConfig } from '@latchkey/runtime/config'
import { createLogger } from '@latchkey/runtime/logger'
import { startNats, startRedis, type TestServer } from '@latchkey/testing/stores'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { buildApp } from '../src/app.ts'
import { getVariables } from '../src/config.ts'
import { createUser } from './store/fixtures.ts'
import { until } from './until.ts'

export const call: CallOptions = { requestId: 'test', timeoutMs: 5000 }
const silent = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} }

export interface Stack {
  readonly app: FastifyInstance
  readonly redis: TestServer
  readonly nats: TestServer
  readonly sessions: Client<typeof sessionContract>
  /** The bus as a neighbour sees it. */
  readonly transport: Transport
}

export async function connectTo(t: Test, { url }: TestServer): Promise<Transport> {
  const transport = openNatsTransport({ url, name: 'test', log: silent })
  t.teardown(() => transport.close())
  const connected = Promise.withResolvers<void>()
  transport.onState((state) => {
    if (state === 'connected') connected.resolve()
  })
  await connected.promise
  return transport
}

export async function build(t: Test, transport: Transport, environment: Environment): Promise<FastifyInstance> {
  const complete = {
    NATS_URL: 'nats://given.by.the.transport',
    SIGNING_KEYS_DIR: `${t.testdirName}/keys`,
    REFRESH_SECRET: 'q8Zk3Vw1xT7nB5mC9rL2pJ6hG4fD0sAy',
    TOKEN_ALG: 'ES256',
    REDIS_TIMEOUT: '2000',
    LOG_LEVEL: 'silent',
    ...environment
  }
  const config = readConfig(getVariables(complete), complete)
  const app = await buildApp({
    config,
    transport,
    logger: createLogger({ service: 'session', level: config.LOG_LEVEL })
  })
  t.teardown(() => app.close())
  return app
}

/** The service as production builds it, over a Redis and a NATS of its own. */
export async function startApp(t: Test, environment: Environment = {}): Promise<Stack> {
  t.testdir()
  const [redis, nats] = await Promise.all([startRedis(t), startNats(t)])
  const app = await build(t, await connectTo(t, nats), { REDIS_URL: redis.url, ...environment })
  await app.ready()
  const transport = await connectTo(t, nats)
  const sessions = createClient(sessionContract, transport, silent)
  await untilServed(sessions, app)
  return { app, redis, nats, sessions, transport }
}

/** Resolves once the service answers over the bus and says that it is ready. */
async function untilServed(sessions: Stack['sessions'], app: FastifyInstance): Promise<void> {
  await until(async () => (await sessions.getKeys({}, call)).ok)
  await until(async () => (await app.inject('/readyz')).statusCode === 200)
}

type OpenRequest = RequestOf<typeof sessionContract.open>

export function opening(changes: Partial<OpenRequest['opening']> = {}, user = createUser()): OpenRequest {
  return {
    user,
    epoch: 0,
    method: 'password',
    opening: {
      client: { ipAddress: '192.0.2.7', userAgent: 'curl/8.5.0' },
      deviceId: null,
      tokens: 'pair',
      policy: null,
      ...changes
    }
  }
}

export function getValue<T>(result: Result<T, never> | { ok: boolean; value?: T; code?: string }): T {
  if (!result.ok || result.value === undefined) throw new Error(`refused: ${JSON.stringify(result)}`)
  return result.value
}
