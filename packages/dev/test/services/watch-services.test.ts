import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'tap'
import { waitUntilReady, watchServices } from '../../src/services/watch-services.ts'

test('a service that stops being ready is told once, and once when it is ready again', async (t) => {
  let isReady = true
  const server = createServer((_request, response) => {
    response.statusCode = isReady ? 200 : 503
    response.end(JSON.stringify({ status: 'x', checks: { redis: isReady ? 'ok' : 'failing', nats: 'ok' } }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const ports = { gateway: port, auth: port, session: port, activity: port }
  await waitUntilReady('session', ports, 'session.log')

  const stop = new AbortController()
  const told: string[] = []
  const tell = (service: string, trouble: string | undefined): void => {
    if (service !== 'session') return
    told.push(trouble ?? 'ready')
    isReady = true
    if (trouble === undefined) stop.abort()
  }
  isReady = false
  await watchServices(ports, tell, { signal: stop.signal, intervalMs: 5 })
  t.same(told, ['redis failing', 'ready'])
})
