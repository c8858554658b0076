import { openNatsTransport } from '@latchkey/messaging/nats'
import { readConfig } from '@latchkey/runtime/config'
import { createLogger } from '@latchkey/runtime/logger'
import type { FastifyInstance } from 'fastify'
import { buildApp } from '../src/app.ts'
import { getVariables } from '../src/config.ts'

export interface UnstartedApp {
  readonly app: FastifyInstance
  close(): Promise<void>
}

/** The gateway as it is by default, or with the environment given; nothing has to answer at the address. */
export async function buildUnstarted(
  natsUrl: string,
  overrides: Readonly<Record<string, string>> = {}
): Promise<UnstartedApp> {
  const environment = { NODE_ENV: 'development', NATS_URL: natsUrl, ...overrides }
  const logger = createLogger({ service: 'gateway', level: 'silent' })
  const transport = openNatsTransport({ url: natsUrl, name: 'gateway', log: logger })
  const app = await buildApp({ config: readConfig(getVariables(environment), environment), transport, logger })
  return {
    app,
    close: async () => {
      await app.close()
      await transport.close()
    }
  }
}
