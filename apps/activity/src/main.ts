import { readConfig } from '@latchkey/runtime/config'
import { createLogger } from '@latchkey/runtime/logger'
import { run, start } from '@latchkey/runtime/start'
import { buildApp } from './app.ts'
import { getVariables } from './config.ts'
import { openBus } from './open-bus.ts'

await run(async () => {
  const config = readConfig(getVariables(process.env), process.env)
  const logger = createLogger({ service: 'activity', level: config.LOG_LEVEL })
  const transport = openBus(config, logger)
  const app = await buildApp({ config, transport, logger })
  await start({
    app,
    host: config.ACTIVITY_HOST,
    port: config.ACTIVITY_PORT,
    logger,
    close: () => transport.close()
  })
})
