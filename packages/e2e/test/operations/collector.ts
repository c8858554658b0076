import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import type { TestScope } from '@latchkey/testing/stores'

/** As much of a span, as OTLP has it in JSON, as the tests read. */
interface OtlpSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly attributes: readonly { readonly key: string; readonly value: object }[]
}

interface OtlpRequest {
  readonly resourceSpans: readonly {
    readonly resource: {
      readonly attributes: readonly { readonly key: string; readonly value: { stringValue?: string } }[]
    }
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[]
  }[]
}

export interface Span extends OtlpSpan {
  readonly service: string
}

export interface Collector {
  readonly url: string
  /** Every span so far. */
  readonly spans: readonly Span[]
  /** All that came, as it came. */
  readonly received: readonly string[]
}

/** Takes OTLP over HTTP, in JSON, as a collector does. */
export async function startCollector(t: TestScope): Promise<Collector> {
  const spans: Span[] = []
  const received: string[] = []
  const server = createServer(async (request, response) => {
    const body = await text(request)
    received.push(body)
    if (request.url === '/v1/traces') spans.push(...readSpans(JSON.parse(body)))
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the collector has no port')
  return { url: `http://127.0.0.1:${address.port}`, spans, received }
}

function readSpans({ resourceSpans }: OtlpRequest): Span[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? ''
    return scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ ...span, service })))
  })
}

/** What led to a span, from the beginning of its trace: `gateway POST /v1/sessions`, `gateway auth.sign_in`, … */
export function listPath(span: Span, spans: readonly Span[]): string[] {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId)
  return [...(parent === undefined ? [] : listPath(parent, spans)), `${span.service} ${span.name}`]
}
