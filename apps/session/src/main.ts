import { openNatsTransport } from '@latchkey/messaging/nats'
import { readConfig } from '@latchkey/runtime/config'
import { createLogger } from '@latchkey/runtime/logger'
import { run, start } from '@latchkey/runtime/start'
import { getTls } from '@latchkey/runtime/tls'
import { buildApp } from './app.ts'
import { getVariables } from './config.ts'

await run(async () => {
  const config = readConfig(getVariables(process.env), process.env)
  const logger = createLogger({ service: 'session', level: config.LOG_LEVEL })
  const transport = openNatsTransport({
    url: config.NATS_URL,
    tls: getTls('NATS', config),
    name: 'session',
    replicas: config.EVENT_REPLICAS,
    log: logger
  })
  const app = await buildApp({ config, transport, logger })
  await start({
    app,
    host: config.SESSION_HOST,
    port: config.SESSION_PORT,
    logger,
    close: () => transport.close()
  })
})
