import { openNatsTransport } from '@latchkey/messaging/nats'
import { readConfig } from '@latchkey/runtime/config'
import { createLogger } from '@latchkey/runtime/logger'
import { run, start } from '@latchkey/runtime/start'
import { getTls } from '@latchkey/runtime/tls'
import { openTracing } from '@latchkey/runtime/tracing'
import { variablesOf } from './config.ts'

await run(async () => {
  const config = readConfig(variablesOf(process.env), process.env)
  const logger = createLogger({ service: 'gateway', level: config.LOG_LEVEL })
  const load = () => import('@latchkey/tracing/start')
  const tracing = await openTracing({ service: 'gateway', endpoint: process.env.OTEL_EXPORTER_OTLP_ENDPOINT, load })
  // What is traced is looked into as it is imported.
  const { buildApp } = await import('./app.ts')
  const bus = { url: config.NATS_URL, tls: getTls('NATS', config), name: 'gateway', log: logger }
  const transport = tracing.traceTransport(openNatsTransport(bus))
  const app = await buildApp({ config, transport, logger })
  await start({
    app,
    host: config.GATEWAY_HOST,
    port: config.GATEWAY_PORT,
    logger,
    close: async () => {
      await transport.close()
      await tracing.stop()
    }
  })
})
