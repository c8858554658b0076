import { openNatsTransport } from '@latchkey/messaging/nats'
import { startService } from '@latchkey/runtime/start'
import { getVariables } from './config.ts'

await startService({
  name: 'session',
  environment: process.env,
  getVariables,
  getAddress: ({ SESSION_HOST: host, SESSION_PORT: port }) => ({ host, port }),
  openTransport: openNatsTransport,
  loadTracing: () => import('@latchkey/tracing/start'),
  loadApp: () => import('./app.ts')
})
