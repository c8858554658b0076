import { openNatsTransport } from '@latchkey/messaging/nats'
import { startService } from '@latchkey/runtime/start'
import { getVariables } from './config.ts'

await startService({
  name: 'activity',
  environment: process.env,
  getVariables,
  getAddress: ({ ACTIVITY_HOST: host, ACTIVITY_PORT: port }) => ({ host, port }),
  openTransport: openNatsTransport,
  loadTracing: () => import('@latchkey/tracing/start'),
  loadApp: () => import('./app.ts')
})
