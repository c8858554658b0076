import { FastifyOtelInstrumentation } from '@fastify/otel'
import type { Transport } from '@latchkey/messaging/transport'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { IORedisInstrumentation } from '@opentelemetry/instrumentation-ioredis'
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { register } from 'import-in-the-middle/register-hooks.mjs'
import { cleanseSpans } from './cleansed-spans.ts'
import { traceTransport } from './traced-transport.ts'

export interface TracingOptions {
  readonly service: string
  /** Base URL of a collector that takes OTLP over HTTP: `http://127.0.0.1:4318`. */
  readonly endpoint: string
}

export interface Tracing {
  traceTransport(transport: Transport): Transport
  /** Sends what is left, for a short while at most. */
  stop(): Promise<void>
}

/** A collector that hangs does not keep the process from ending. */
const EXPORT_TIMEOUT_MS = 2000
/** Modules that are looked into as they are imported, which must not have happened before. */
const INSTRUMENTED = ['pg', 'pg-pool', 'ioredis']

/**
 * Begins to trace this process: HTTP requests, calls and events over the transport, statements and commands. What the SDK
 * reads from the environment itself holds as it is documented there: `OTEL_TRACES_SAMPLER`, `OTEL_EXPORTER_OTLP_HEADERS`.
 */
export function startTracing({ service, endpoint }: TracingOptions): Tracing {
  register({ include: INSTRUMENTED })
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`
  const exporter = cleanseSpans(new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS }))
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.namespace': 'latchkey', 'service.name': service }),
    spanProcessors: [new BatchSpanProcessor(exporter)]
  })
  // Traces begin at the gateway: whoever is outside decides neither on their ids nor on which of them are kept.
  provider.register({ propagator: null })
  registerInstrumentations({
    instrumentations: [
      new PgInstrumentation({ requireParentSpan: true, ignoreConnectSpans: true }),
      new IORedisInstrumentation({ requireParentSpan: true, dbStatementSerializer: (command) => command }),
      createHttpInstrumentation()
    ]
  })
  return {
    traceTransport: (transport) => traceTransport(transport, provider.getTracer('latchkey')),
    stop: async () => {
      // What the collector does not take is missing there, and no reason to end badly.
      await provider.shutdown().catch(() => undefined)
    }
  }
}

/** One span for each request, but not for those of machines that look whether we are well. */
function createHttpInstrumentation(): FastifyOtelInstrumentation {
  return new FastifyOtelInstrumentation({
    registerOnInitialization: true,
    instrumentHooks: false,
    instrumentHandler: false,
    recordExceptions: false,
    ignorePaths: ({ url }) => url === '/healthz' || url === '/readyz' || url === '/metrics',
    requestHook: (span, { method, routeOptions }) => span.updateName(`${method} ${routeOptions.url ?? 'unknown'}`)
  })
}
