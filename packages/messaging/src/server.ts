import type { CallContext, Contract, Handlers, Procedure } from '@latchkey/contracts/define'
import { type ErrorCode, fail, type Result } from '@latchkey/contracts/errors'
import { Compile } from 'typebox/compile'
import type { Log, ObserveCall } from './client.ts'
import { decode, encode, UnreadableMessage } from './codec.ts'
import { HEADERS, type Message, type ReceivedMessage, type Subscription, type Transport } from './transport.ts'

export interface ServeOptions {
  readonly transport: Transport
  /** Replicas of one service name the same queue and share its requests. */
  readonly queue: string
  readonly log: Log
  readonly observe?: ObserveCall
}

/**
 * What is no call: JetStream puts a stored event on any subject that whoever may read the stream names as the place of
 * delivery, and an event has enough fields to be taken for a request. It has not the header that every call has.
 */
const notACall = fail('invalid_request', { errors: [] })

type AnyHandler = (request: never, context: CallContext) => Promise<Result<unknown, ErrorCode>>

const DEFAULT_DEADLINE_MS = 2000
/** More requests than this under way at once are refused: waiting longer than their deadline helps nobody. */
const MAX_UNDER_WAY = 2000

/**
 * Serves every procedure of a contract. A request is validated, then handled, then answered; whatever a handler
 * throws goes to the log and is `internal` to the caller. `drain` stops taking requests and finishes those taken.
 *
 * One that may have waited here for longer than its caller does is not handled: by now the caller may have repeated it
 * elsewhere, and what it asked for then would be done after what was done since.
 */
export function serve<C extends Contract>(contract: C, handlers: Handlers<C>, options: ServeOptions): Subscription {
  const subscriptions = Object.entries(contract).map(([name, procedure]) => {
    const answer = createAnswer(procedure, handlers[name] as AnyHandler, options)
    return options.transport.serve(procedure.subject, options.queue, answer)
  })
  return {
    drain: async () => {
      await Promise.all(subscriptions.map((subscription) => subscription.drain()))
    }
  }
}

function createAnswer({ subject, request }: Procedure, handler: AnyHandler, { log, observe }: ServeOptions) {
  const validator = Compile(request)
  let underWay = 0

  const run = async (data: Uint8Array, context: CallContext): Promise<Result<unknown, ErrorCode>> => {
    if (underWay > MAX_UNDER_WAY) return fail('unavailable')
    if (context.remainingMs() <= 0) return fail('deadline_exceeded')
    const body = decode(data)
    if (!validator.Check(body)) return fail('invalid_request', { errors: [] })
    return await handler(body as never, context)
  }

  return async ({ data, headers, waitedMs }: ReceivedMessage): Promise<Message> => {
    const startedAt = performance.now()
    const isCall = headers[HEADERS.requestId] !== undefined
    const context = createContext(headers, startedAt - waitedMs)
    const { requestId } = context
    underWay += 1
    const result = await (isCall ? run(data, context) : Promise.resolve(notACall)).catch((err: unknown) => {
      if (err instanceof UnreadableMessage) return fail('invalid_request', { errors: [] })
      log.error({ err, subject, requestId }, 'handler failed')
      return fail('internal')
    })
    underWay -= 1
    const outcome = result.ok ? 'ok' : result.code
    const durationMs = performance.now() - startedAt
    log.debug({ subject, requestId, outcome, durationMs }, 'call answered')
    observe?.(subject, outcome, durationMs)
    return { data: encode(toBody(result)), headers: { [HEADERS.requestId]: requestId } }
  }
}

function toBody(result: Result<unknown, ErrorCode>): object {
  return result.ok ? { ok: result.value } : { error: { code: result.code, details: result.details } }
}

function createContext(headers: Message['headers'], sentAt: number): CallContext {
  const given = Number(headers[HEADERS.deadlineMs])
  const budgetMs = Number.isFinite(given) && given > 0 ? given : DEFAULT_DEADLINE_MS
  return {
    requestId: headers[HEADERS.requestId] ?? 'unknown',
    traceparent: headers[HEADERS.traceparent],
    remainingMs: () => budgetMs - (performance.now() - sentAt)
  }
}
