import { SpanStatusCode } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { test } from 'tap'
import { cleanseSpans } from '../src/cleansed-spans.ts'

test('of a span its place, its times and what is known to be harmless leave, and nothing else', async (t) => {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(cleanseSpans(exporter))] })
  const span = provider.getTracer('test').startSpan('GET /v1/links/:token', {
    attributes: {
      'http.route': '/v1/links/:token',
      'url.path': '/v1/links/a-secret',
      'db.postgresql.values': ['a-secret']
    }
  })
  span.recordException(new Error('a-secret is not valid'))
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'a-secret is not valid' })
  span.end()
  await provider.forceFlush()

  const [sent] = exporter.getFinishedSpans()
  t.match(sent, { name: 'GET /v1/links/:token', events: [], status: { code: SpanStatusCode.ERROR } })
  t.same(sent?.attributes, { 'http.route': '/v1/links/:token' })
  t.equal(sent?.status.message, undefined)
  t.same(sent?.spanContext(), span.spanContext())
  t.ok(sent !== undefined && sent.duration[1] > 0)
})
