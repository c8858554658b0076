import type { Message, Transport } from '@latchkey/messaging/transport'
import { type Context, context, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'

const propagator = new W3CTraceContextPropagator()
const carried = {
  get: (headers: Message['headers'], name: string) => headers[name],
  keys: (headers: Message['headers']) => Object.keys(headers)
}
const carrier = {
  set: (headers: Record<string, string>, name: string, value: string) => {
    headers[name] = value
  }
}

/**
 * The same transport, whose calls and events are parts of traces: who is asked goes on with the trace of who asks, and
 * who takes an event with that of who stored it. What nobody answers and nobody stores (broadcasts) is not traced.
 */
export function traceTransport(transport: Transport, tracer: Tracer): Transport {
  return {
    request: (subject, message, timeoutMs) =>
      run(tracer, { name: subject, kind: SpanKind.CLIENT, parent: context.active() }, () =>
        transport.request(subject, withContext(message), timeoutMs)
      ),
    serve: (subject, queue, answer) =>
      transport.serve(subject, queue, (message) =>
        run(tracer, { name: subject, kind: SpanKind.SERVER, parent: contextOf(message) }, () => answer(message))
      ),
    store: (subject, message, id) =>
      run(tracer, { name: subject, kind: SpanKind.PRODUCER, parent: context.active() }, () =>
        transport.store(subject, withContext(message), id)
      ),
    consume: (options, take) =>
      transport.consume(options, (message) =>
        run(tracer, { name: message.subject, kind: SpanKind.CONSUMER, parent: contextOf(message) }, () => take(message))
      ),
    publish: (subject, message) => transport.publish(subject, message),
    subscribe: (subject, take, fate) => transport.subscribe(subject, take, fate),
    ensureStream: (options) => transport.ensureStream(options),
    ensureConsumer: (...given) => transport.ensureConsumer(...given),
    eraseStored: (stream, sequence, isMeant) => transport.eraseStored(stream, sequence, isMeant),
    readStored: (...given) => transport.readStored(...given),
    findStored: (stream, sequence) => transport.findStored(stream, sequence),
    flush: (timeoutMs) => transport.flush(timeoutMs),
    onState: (listen) => transport.onState(listen),
    close: () => transport.close(),
    get state() {
      return transport.state
    },
    get maxPayloadBytes() {
      return transport.maxPayloadBytes
    }
  }
}

interface Traced {
  readonly name: string
  readonly kind: SpanKind
  readonly parent: Context
}

/** What belongs to no request, as a renewal of a lease, begins no trace. */
async function run<T>(tracer: Tracer, { name, kind, parent }: Traced, work: () => Promise<T>): Promise<T> {
  if (trace.getSpan(parent) === undefined) return await work()
  const span = tracer.startSpan(name, { kind, attributes: { 'messaging.system': 'nats' } }, parent)
  try {
    return await context.with(trace.setSpan(parent, span), work)
  } catch (err) {
    fail(span, err)
    throw err
  } finally {
    span.end()
  }
}

function fail(span: Span, err: unknown): void {
  span.setAttribute('error.type', err instanceof Error ? err.name : 'unknown')
  span.setStatus({ code: SpanStatusCode.ERROR })
}

/** In the place of what the caller was given by whoever asked it. */
function withContext(message: Message): Message {
  const headers: Record<string, string> = { ...message.headers }
  propagator.inject(context.active(), headers, carrier)
  return { ...message, headers }
}

function contextOf({ headers }: Message): Context {
  return propagator.extract(context.active(), headers, carried)
}
