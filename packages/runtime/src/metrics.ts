import { Counter, collectDefaultMetrics, Histogram, Registry } from '@prometheus-io/client'

export interface Metrics {
  readonly registry: Registry
  /** Counts one answered procedure call; `outcome` is `ok` or an error code, durations in milliseconds. */
  observeCall(subject: string, outcome: string, durationMs: number): void
  /** Counts one answered HTTP request; `route` is the pattern, never the address itself. */
  observeRequest(method: string, route: string, status: number, durationMs: number): void
  /** Counts one delivery of an event to a durable consumer, by how it ended. */
  observeEvent(consumer: string, outcome: string): void
}

const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

/** One registry per app, handed on to whoever measures. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  const calls = new Histogram({
    name: 'latchkey_call_duration_seconds',
    help: 'Time to answer a procedure call, by subject and outcome',
    labelNames: ['subject', 'outcome'],
    buckets: BUCKETS_SECONDS,
    registers: [registry]
  })
  const requests = new Histogram({
    name: 'latchkey_http_request_duration_seconds',
    help: 'Time to answer an HTTP request, by method, route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS_SECONDS,
    registers: [registry]
  })
  const deliveries = new Counter({
    name: 'latchkey_event_deliveries_total',
    help: 'Events handed to the consumers of this service, by consumer and outcome',
    labelNames: ['consumer', 'outcome'],
    registers: [registry]
  })
  return {
    registry,
    observeEvent: (consumer, outcome) => deliveries.inc({ consumer, outcome }),
    observeCall: (subject, outcome, durationMs) => calls.observe({ subject, outcome }, durationMs / 1000),
    observeRequest: (method, route, status, durationMs) =>
      requests.observe({ method, route, status }, durationMs / 1000)
  }
}
