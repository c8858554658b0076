import { openNatsTransport } from '@latchkey/messaging/nats'
import { startService } from '@latchkey/runtime/start'
import { getVariables } from './config.ts'

await startService({
  name: 'auth',
  environment: process.env,
  getVariables,
  getAddress: ({ AUTH_HOST: host, AUTH_PORT: port }) => ({ host, port }),
  openTransport: openNatsTransport,
  loadTracing: () => import('@latchkey/tracing/start'),
  loadApp: () => import('./app.ts')
})
