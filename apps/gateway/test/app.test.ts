import { once } from 'node:events'
import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { awaitReadiness, startGateway } from './gateway.ts'

const nats = await startNats(t)

t.test('it is ready while the bus is there and the keys are known', async (t) => {
  const own = await startNats(t)
  const { app } = await startGateway(t, { natsUrl: own.url })
  t.same((await app.inject('/readyz')).json(), {
    status: 'ok',
    checks: { accepting: 'ok', nats: 'ok', keys: 'ok', clock: 'ok' },
    verdicts: 'asking'
  })
  await own.kill()
  await awaitReadiness(app, 503)
  t.match((await app.inject('/readyz')).json(), { status: 'unavailable', checks: { nats: 'failing', keys: 'ok' } })
  t.equal((await app.inject('/healthz')).statusCode, 200)
})

t.test('in development metrics and documents are at hand', async (t) => {
  const { app, bearer } = await startGateway(t, { natsUrl: nats.url })
  await app.inject({ url: '/v1/me', headers: bearer })
  const metrics = await app.inject('/metrics')
  t.match(metrics.body, /latchkey_http_request_duration_seconds_count\{[^}]*route="\/v1\/me"[^}]*status="2xx"[^}]*\} 1/)
  t.equal((await app.inject('/openapi.json')).statusCode, 200)
})

t.test('in production strangers see neither metrics nor documents nor the parts of readiness', async (t) => {
  const { app } = await startGateway(t, {
    natsUrl: nats.url,
    environment: { NODE_ENV: 'production', PUBLIC_URL: 'https://id.example.com', GATEWAY_MANAGEMENT_PORT: '0' }
  })
  for (const url of ['/metrics', '/docs', '/docs/', '/openapi.json']) {
    t.equal((await app.inject(url)).statusCode, 404, url)
  }
  t.same((await app.inject('/readyz')).json(), { status: 'ok' })
  t.equal((await app.inject('/')).headers['strict-transport-security'], 'max-age=31536000; includeSubDomains')
})

t.test('operators see them on a listener of their own, which opens and closes with the gateway', async (t) => {
  const { app } = await startGateway(t, {
    natsUrl: nats.url,
    environment: {
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://id.example.com',
      GATEWAY_HOST: '127.0.0.1',
      GATEWAY_MANAGEMENT_PORT: '0'
    }
  })
  const listening = once(app.management.server, 'listening')
  await app.listen({ host: '127.0.0.1', port: 0 })
  await listening
  const { listeningOrigin } = app.management
  const metrics = await fetch(`${listeningOrigin}/metrics`)
  t.match(await metrics.text(), 'process_cpu')
  t.match(await (await fetch(`${listeningOrigin}/readyz`)).json(), { checks: { nats: 'ok' } })
  t.match(await (await fetch(`${listeningOrigin}/openapi.json`)).json(), { openapi: '3.1.0' })
  await app.close()
  await t.rejects(fetch(`${listeningOrigin}/healthz`))
})
