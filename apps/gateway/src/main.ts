import { openNatsTransport } from '@latchkey/messaging/nats'
import { startService } from '@latchkey/runtime/start'
import { getVariables } from './config.ts'

await startService({
  name: 'gateway',
  environment: process.env,
  getVariables,
  getAddress: ({ GATEWAY_HOST: host, GATEWAY_PORT: port }) => ({ host, port }),
  openTransport: openNatsTransport,
  loadTracing: () => import('@latchkey/tracing/start'),
  loadApp: () => import('./app.ts')
})
