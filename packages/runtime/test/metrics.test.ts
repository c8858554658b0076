import { test } from 'tap'
import { registerDependencyMetrics, registerPoolMetrics } from '../src/dependency-metrics.ts'
import { createCounter, createMetrics, registerCounter, registerGauge } from '../src/metrics.ts'

test('requests are told apart by a known method, the route and the class of their status', async (t) => {
  const metrics = createMetrics('test')
  metrics.observeRequest('GET', '/v1/sessions/:id', 204, 3)
  metrics.observeRequest('GET', '/v1/sessions/:id', 200, 3)
  metrics.observeRequest('PROPFIND', 'unknown', 404, 3)
  metrics.observeRequest('POST', '/v1/sessions', 429, 3)
  const shown = await metrics.registry.metrics()
  const count = 'latchkey_http_request_duration_seconds_count'
  t.match(shown, `${count}{service="test",method="GET",route="/v1/sessions/:id",status="2xx"} 2`)
  t.match(shown, `${count}{service="test",method="POST",route="/v1/sessions",status="429"} 1`)
  t.match(shown, `${count}{service="test",method="other",route="unknown",status="4xx"} 1`)
})

test('calls that were made are counted apart from those that were answered', async (t) => {
  const metrics = createMetrics('test')
  metrics.observeClientCall('session.open', 'deadline_exceeded', 2000)
  const shown = await metrics.registry.metrics()
  t.match(shown, /latchkey_client_call_duration_seconds_count\{.*outcome="deadline_exceeded".*\} 1/)
  t.notMatch(shown, /latchkey_call_duration_seconds_count/)
})

test('events are measured by their age, which no clock makes negative', async (t) => {
  const metrics = createMetrics('test')
  metrics.observeEvent('reader', 'taken', 400)
  metrics.observeEvent('reader', 'taken', -20)
  metrics.observeEvent('reader', 'failed', 9000)
  metrics.observeEvent('reader', 'passed_over', undefined)
  const shown = await metrics.registry.metrics()
  t.match(shown, /latchkey_event_delay_seconds_sum\{.*consumer="reader".*\} 0\.4/)
  t.match(shown, /latchkey_event_deliveries_total\{consumer="reader",outcome="failed".*\} 1/)
})

test('what cannot be asked has no value, and the other metrics are shown all the same', async (t) => {
  const { registry } = createMetrics('test')
  let length: () => Promise<number> = async () => 7
  registerGauge(registry, { name: 'queue_length', help: 'asked', read: () => length() })
  t.match(await registry.metrics(), /^queue_length\{.*\} 7$/m)
  length = () => Promise.reject(new Error('the store is away'))
  const shown = await registry.metrics()
  t.notMatch(shown, /^queue_length\{/m)
  t.match(shown, 'process_cpu')
})

test('counters are the same at every look, and grow only as what they show', async (t) => {
  const { registry } = createMetrics('test')
  let total = 3
  registerCounter(registry, { name: 'refused_total', help: 'asked', read: () => total })
  const count = createCounter(registry, { name: 'mails_total', help: 'counted', label: 'outcome' })
  count('sent')
  count('sent')
  for (const expected of [3, 3, 5]) {
    total = expected
    const shown = await registry.metrics()
    t.match(shown, `refused_total{service="test"} ${expected}`)
    t.match(shown, /mails_total\{outcome="sent",service="test"\} 2/)
  }
})

test('connections are shown as they are, and how often they were made', async (t) => {
  const { registry } = createMetrics('test')
  const listeners: ((state: string) => void)[] = []
  const bus = { state: 'disconnected', onState: (listen: (state: string) => void) => void listeners.push(listen) }
  let ready = () => {}
  const redis = {
    status: 'ready',
    on: (_event: 'ready', listen: () => void) => {
      ready = listen
    }
  }
  const outbox = { backlog: { events: 12, oldestAgeMs: 1500 } }
  registerDependencyMetrics(registry, { bus, redis, outbox })
  registerPoolMetrics(registry, { totalCount: 4, idleCount: 1, waitingCount: 2 }, 10)
  bus.state = 'connected'
  for (const listen of listeners) for (const state of ['connected', 'disconnected', 'connected']) listen(state)
  redis.status = 'reconnecting'
  ready()
  const shown = await registry.metrics()
  const values = Object.fromEntries(
    [...shown.matchAll(/^latchkey_(\w+)\{.*\} (\S+)$/gm)].map(([, name, n]) => [name, n])
  )
  t.match(values, {
    nats_connected: '1',
    nats_connects_total: '2',
    redis_connected: '0',
    redis_connects_total: '2',
    outbox_waiting_events: '12',
    outbox_oldest_event_age_seconds: '1.5',
    postgres_pool_size_connections: '10',
    postgres_pool_open_connections: '4',
    postgres_pool_idle_connections: '1',
    postgres_pool_waiting_queries: '2'
  })
})
