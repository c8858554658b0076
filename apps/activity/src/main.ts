import { readConfig } from '@latchkey/runtime/config'
import { createLogger } from '@latchkey/runtime/logger'
import { run, start } from '@latchkey/runtime/start'
import { openTracing } from '@latchkey/runtime/tracing'
import { getVariables } from './config.ts'
import { openBus } from './open-bus.ts'

await run(async () => {
  const config = readConfig(getVariables(process.env), process.env)
  const logger = createLogger({ service: 'activity', level: config.LOG_LEVEL })
  const load = () => import('@latchkey/tracing/start')
  const tracing = await openTracing({ service: 'activity', endpoint: process.env.OTEL_EXPORTER_OTLP_ENDPOINT, load })
  // What is traced is looked into as it is imported.
  const { buildApp } = await import('./app.ts')
  const transport = tracing.traceTransport(openBus(config, logger))
  const app = await buildApp({ config, transport, logger })
  await start({
    app,
    host: config.ACTIVITY_HOST,
    port: config.ACTIVITY_PORT,
    logger,
    close: async () => {
      await transport.close()
      await tracing.stop()
    }
  })
})
