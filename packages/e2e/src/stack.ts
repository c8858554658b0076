import process from 'node:process'
import { buildApp as buildActivity } from '@latchkey/activity/app'
import { variables as activityVariables } from '@latchkey/activity/config'
import { buildApp as buildAuth } from '@latchkey/auth/app'
import { variables as authVariables } from '@latchkey/auth/config'
import { buildApp as buildGateway } from '@latchkey/gateway/app'
import { variables as gatewayVariables } from '@latchkey/gateway/config'
import { openNatsTransport } from '@latchkey/messaging/nats'
import { readConfig } from '@latchkey/runtime/config'
import { createLogger, type Logger } from '@latchkey/runtime/logger'
import { getTls, tlsVariables } from '@latchkey/runtime/tls'
import { buildApp as buildSession } from '@latchkey/session/app'
import { variables as sessionVariables } from '@latchkey/session/config'
import type { TestScope } from '@latchkey/testing/stores'
import { type Environment, LEVELS, ownEnvironment, type Service, startWorld, type World } from './environment.ts'
import { type Api, createApi } from './http.ts'
import { assertNoLeaks, createLeakCheck, type LeakCheck, watchSecrets } from './leaks.ts'
import { eventually } from './people.ts'

type App = Awaited<ReturnType<typeof buildGateway>>

export interface Stack extends World {
  readonly url: string
  readonly api: Api
  readonly apps: Readonly<Record<Service, App>>
  /** What the services log is looked through when the test ends: it fails where a secret is found. */
  readonly leaks: LeakCheck
}

/** Faults are for whoever runs the test to see; the rest is for the check alone. */
function tee(leaks: LeakCheck) {
  return {
    write: (line: string) => {
      leaks.write(line)
      if (/^\{"level":"(?:error|fatal)"/.test(line)) process.stdout.write(line)
    }
  }
}

/** What one service is built with; whoever asks for it closes the transport. */
function createParts(service: Service, shared: Environment, logger: Logger) {
  const environment = ownEnvironment(service, shared)
  const tls = getTls('NATS', readConfig(tlsVariables('NATS'), environment))
  const transport = openNatsTransport({ url: environment.NATS_URL ?? '', tls, name: service, log: logger })
  return { environment, transport, logger }
}

/** All four services in this process, over real stores, built by the same functions that production starts. */
export async function startStack(t: TestScope, overrides: Environment = {}): Promise<Stack> {
  const world = await startWorld(t, overrides)
  const leaks = createLeakCheck(world.environment)
  const partsOf = (service: Service) => {
    const logger = createLogger({ service, level: LEVELS[service], destination: tee(leaks) })
    return createParts(service, world.environment, logger)
  }
  const parts = {
    session: partsOf('session'),
    activity: partsOf('activity'),
    auth: partsOf('auth'),
    gateway: partsOf('gateway')
  }
  const session = await buildSession({
    ...parts.session,
    config: readConfig(sessionVariables, parts.session.environment)
  })
  const activity = await buildActivity({
    ...parts.activity,
    config: readConfig(activityVariables, parts.activity.environment)
  })
  const auth = await buildAuth({ ...parts.auth, config: readConfig(authVariables, parts.auth.environment) })
  for (const app of [session, activity, auth]) await app.ready()
  for (const { transport } of [parts.session, parts.activity, parts.auth]) await transport.flush(5000)
  const gateway = await buildGateway({
    ...parts.gateway,
    config: readConfig(gatewayVariables, parts.gateway.environment)
  })
  const url = await gateway.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(async () => {
    await Promise.all([gateway, auth, activity, session].map((app) => app.close()))
    await Promise.all(Object.values(parts).map(({ transport }) => transport.close()))
    assertNoLeaks(leaks)
  })
  const apps = { gateway, auth, session, activity }
  for (const app of Object.values(apps)) await isReady(() => app.inject({ url: '/readyz' }))
  return { ...world, url, api: watchSecrets(createApi(url), leaks), leaks, apps }
}

/** Under load a first connection may time out, and the service is not ready until the next one stands. */
async function isReady(ask: () => Promise<{ readonly statusCode: number; readonly body: string }>): Promise<void> {
  const { statusCode, body } = await eventually(ask, (answer) => answer.statusCode === 200)
  if (statusCode !== 200) throw new Error(`not ready: ${body}`)
}
