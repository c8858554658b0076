import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client'

/** Told of a procedure call that was answered: `outcome` is `ok` or an error code. */
export type ObserveCall = (subject: string, outcome: string, durationMs: number) => void

/** Told of one delivery of an event to a durable consumer: how it ended, and how long ago the event had happened. */
export type ObserveEvent = (consumer: string, outcome: string, ageMs: number | undefined) => void

export interface Metrics {
  readonly registry: Registry
  /** A call that this service answered. */
  readonly observeCall: ObserveCall
  /** A call that this service made. */
  readonly observeClientCall: ObserveCall
  readonly observeEvent: ObserveEvent
  /** Counts one answered HTTP request; `route` is the pattern, never the address itself. */
  observeRequest(method: string, route: string, status: number, durationMs: number): void
}

/** What is not counted as it happens but asked for when somebody looks. */
export interface Reading {
  readonly name: string
  readonly help: string
  /** Where it rejects or throws there is no value: what cannot be asked is not told. */
  readonly read: () => Promise<number> | number
}

/** A reading that only ever grows. */
export interface Total extends Reading {
  readonly read: () => number
}

const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]
const DELAY_BUCKETS_SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600, 3600]
/** Whatever else a client writes there is one value: a label's values come from a fixed set. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** One registry per app, handed on to whoever measures. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const requests = new Histogram({
    name: 'latchkey_http_request_duration_seconds',
    help: 'Time to answer an HTTP request; the status by its class, 2xx to 5xx, and 429 by itself',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS_SECONDS,
    registers
  })
  return {
    registry,
    observeCall: createCallObserver(registry, 'latchkey_call_duration_seconds', 'Time to answer a procedure call'),
    observeClientCall: createCallObserver(
      registry,
      'latchkey_client_call_duration_seconds',
      'Time until a procedure call made by this service was answered or given up'
    ),
    observeEvent: createEventObserver(registry),
    observeRequest: (method, route, status, durationMs) =>
      requests.observe(
        { method: METHODS.has(method) ? method : 'other', route, status: presentStatus(status) },
        durationMs / 1000
      )
  }
}

/** Who asks too much is told apart from who asks for the wrong thing. */
function presentStatus(status: number): string {
  return status === 429 ? '429' : `${Math.floor(status / 100)}xx`
}

/** Adds a counter; what it answers counts one under this value of its only label. Values come from a fixed set. */
export function createCounter(
  registry: Registry,
  { name, help, label }: Pick<Reading, 'name' | 'help'> & { readonly label: string }
): (value: string) => void {
  const counter = new Counter({ name, help, labelNames: [label], registers: [registry] })
  return (value) => counter.inc({ [label]: value })
}

/** Adds a gauge that is read at every scrape. */
export function registerGauge(registry: Registry, { name, help, read }: Reading): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    async collect() {
      try {
        this.set(await read())
      } catch {
        this.remove()
      }
    }
  })
}

/** Adds a counter whose total is read at every scrape. */
export function registerCounter(registry: Registry, { name, help, read }: Total): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset()
      this.inc(read())
    }
  })
}

function createCallObserver(registry: Registry, name: string, help: string): ObserveCall {
  const calls = new Histogram({
    name,
    help: `${help}; the outcome is ok or an error code`,
    labelNames: ['subject', 'outcome'],
    buckets: BUCKETS_SECONDS,
    registers: [registry]
  })
  return (subject, outcome, durationMs) => calls.observe({ subject, outcome }, durationMs / 1000)
}

function createEventObserver(registry: Registry): ObserveEvent {
  const deliveries = new Counter({
    name: 'latchkey_event_deliveries_total',
    help: 'Events handed to the consumers of this service; the outcome is taken, failed, unknown, set_aside or passed_over',
    labelNames: ['consumer', 'outcome'],
    registers: [registry]
  })
  const ages = new Histogram({
    name: 'latchkey_event_delay_seconds',
    help: 'Age of an event when its consumer had taken it',
    labelNames: ['consumer'],
    buckets: DELAY_BUCKETS_SECONDS,
    registers: [registry]
  })
  return (consumer, outcome, ageMs) => {
    deliveries.inc({ consumer, outcome })
    if (outcome === 'taken' && ageMs !== undefined) ages.observe({ consumer }, Math.max(0, ageMs) / 1000)
  }
}
