import Fastify from 'fastify'
import { test } from 'tap'
import { health, type ReadinessCheck } from '../src/health.ts'
import { createMetrics } from '../src/metrics.ts'

async function buildApp(checks: Record<string, ReadinessCheck>) {
  const app = Fastify()
  const metrics = createMetrics('test')
  await app.register(health, { checks, metrics })
  return { app, metrics }
}

test('the process is healthy while what it needs is not', async (t) => {
  const { app } = await buildApp({ store: () => Promise.reject(new Error('down')) })
  t.equal((await app.inject('/healthz')).statusCode, 200)
  const readiness = await app.inject('/readyz')
  t.equal(readiness.statusCode, 503)
  t.same(readiness.json(), { status: 'unavailable', checks: { store: 'failing' } })
})

test('a service is ready when everything it needs answers', async (t) => {
  const { app } = await buildApp({ store: async () => {}, bus: () => {} })
  const readiness = await app.inject('/readyz')
  t.equal(readiness.statusCode, 200)
  t.same(readiness.json(), { status: 'ok', checks: { store: 'ok', bus: 'ok' } })
})

test('readiness tells what else there is to know, unless it is to tell only whether', async (t) => {
  for (const bare of [false, true]) {
    const app = Fastify()
    await app.register(health, { checks: {}, describe: () => ({ mode: 'slow' }), bare })
    t.same((await app.inject('/readyz')).json(), { status: 'ok', ...(bare ? {} : { checks: {}, mode: 'slow' }) })
  }
})

test('a dependency that never answers makes the service unready', async (t) => {
  const { app } = await buildApp({ store: () => new Promise(() => {}) })
  t.same((await app.inject('/readyz')).json().checks, { store: 'failing' })
})

test('metrics tell how procedure calls went', async (t) => {
  const { app, metrics } = await buildApp({})
  metrics.observeCall('session.open', 'ok', 12)
  metrics.observeCall('session.open', 'session_limit', 3)
  const { body, headers } = await app.inject('/metrics')
  t.match(headers['content-type'], 'text/plain')
  t.match(body, /latchkey_call_duration_seconds_count\{.*outcome="session_limit".*\} 1/)
  t.match(body, 'process_cpu')
})
