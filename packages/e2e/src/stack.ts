import { buildApp as buildActivity } from '@latchkey/activity/app'
import { variables as activityVariables } from '@latchkey/activity/config'
import { buildApp as buildAuth } from '@latchkey/auth/app'
import { variables as authVariables } from '@latchkey/auth/config'
import { buildApp as buildGateway } from '@latchkey/gateway/app'
import { variables as gatewayVariables } from '@latchkey/gateway/config'
import { openNatsTransport } from '@latchkey/messaging/nats'
import { readConfig } from '@latchkey/runtime/config'
import { createLogger } from '@latchkey/runtime/logger'
import { buildApp as buildSession } from '@latchkey/session/app'
import { variables as sessionVariables } from '@latchkey/session/config'
import type { TestScope } from '@latchkey/testing/stores'
import { type Environment, startWorld, type World } from './environment.ts'
import { type Api, createApi } from './http.ts'
import { eventually } from './people.ts'

export interface Stack extends World {
  readonly url: string
  readonly api: Api
}

/** All four services in this process, over real stores, built by the same functions that production starts. */
export async function startStack(t: TestScope, overrides: Environment = {}): Promise<Stack> {
  const world = await startWorld(t, overrides)
  const { environment } = world
  const logger = createLogger({ service: 'stack', level: 'error' })
  const transport = openNatsTransport({ url: world.nats.url, name: 'stack', log: logger })
  const parts = { transport, logger }
  const session = await buildSession({ config: readConfig(sessionVariables, environment), ...parts })
  const activity = await buildActivity({ config: readConfig(activityVariables, environment), ...parts })
  const auth = await buildAuth({ config: readConfig(authVariables, environment), ...parts })
  for (const app of [session, activity, auth]) await app.ready()
  await transport.flush(5000)
  const gateway = await buildGateway({ config: readConfig(gatewayVariables, environment), ...parts })
  const url = await gateway.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(async () => {
    for (const app of [gateway, auth, activity, session]) await app.close()
    await transport.close()
  })
  for (const app of [session, activity, auth, gateway]) await isReady(() => app.inject({ url: '/readyz' }))
  return { ...world, url, api: createApi(url) }
}

/** Under load a first connection may time out, and the service is not ready until the next one stands. */
async function isReady(ask: () => Promise<{ readonly statusCode: number; readonly body: string }>): Promise<void> {
  const { statusCode, body } = await eventually(ask, (answer) => answer.statusCode === 200)
  if (statusCode !== 200) throw new Error(`not ready: ${body}`)
}
