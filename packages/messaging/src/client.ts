import type { CallOptions, Client, Contract, Procedure } from '@latchkey/contracts/define'
import {
  type ErrorCode,
  errorCatalogue,
  type Failure,
  fail,
  isErrorCode,
  ok,
  type Result
} from '@latchkey/contracts/errors'
import Type, { type TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import { decode, encode } from './codec.ts'
import { HEADERS, type Message, NoResponders, RequestTimeout, type Transport } from './transport.ts'

/** Where messaging tells what it cannot tell a caller. */
export interface Log {
  debug(fields: object, text: string): void
  info(fields: object, text: string): void
  error(fields: object, text: string): void
  warn(fields: object, text: string): void
}

/** Told after each answer: how long it took and how it ended, `ok` or an error code. */
export type ObserveCall = (subject: string, outcome: string, durationMs: number) => void

export interface ClientOptions {
  readonly observe?: ObserveCall
}

type Reply = Result<unknown, ErrorCode>
type Call = (request: unknown, options: CallOptions) => Promise<Reply>

/** Waiting for more answers than this to one question, a caller is better told no at once. */
const MAX_UNDER_WAY = 2000

const transportErrors = ['invalid_request', 'internal', 'unavailable', 'deadline_exceeded'] as const
const detailsValidators = new Map<ErrorCode, Validator>(
  Object.entries(errorCatalogue).flatMap(([code, spec]): [ErrorCode, Validator][] =>
    isErrorCode(code) && 'details' in spec ? [[code, Compile(spec.details)]] : []
  )
)

/**
 * A typed client of a contract. Replies are validated: one that breaks its schema, or an error its procedure does
 * not list, is `internal` to the caller and a line in the log.
 */
export function createClient<C extends Contract>(
  contract: C,
  transport: Transport,
  log: Log,
  { observe }: ClientOptions = {}
): Client<C> {
  const calls = Object.entries(contract).map(([name, procedure]) => {
    const call = createCall(procedure, transport, log)
    return [name, observe === undefined ? call : measure(call, procedure.subject, observe)]
  })
  return Object.fromEntries(calls)
}

function measure(call: Call, subject: string, observe: ObserveCall): Call {
  return async (request, options) => {
    const startedAt = performance.now()
    const result = await call(request, options)
    observe(subject, result.ok ? 'ok' : result.code, performance.now() - startedAt)
    return result
  }
}

function createCall(procedure: Procedure, transport: Transport, log: Log): Call {
  const { subject, errors } = procedure
  const readReply = createReplyReader(procedure, [...errors, ...transportErrors])
  let underWay = 0
  return async (request, { requestId, traceparent, timeoutMs }) => {
    if (timeoutMs <= 0) return fail('deadline_exceeded')
    if (underWay >= MAX_UNDER_WAY) return fail('unavailable')
    underWay += 1
    const headers = createHeaders(requestId, traceparent, timeoutMs)
    let answer: Message
    try {
      answer = await transport.request(subject, { data: encode(request), headers }, timeoutMs)
    } catch (err) {
      if (err instanceof RequestTimeout) return fail('deadline_exceeded')
      if (err instanceof NoResponders) return fail('unavailable')
      throw err
    } finally {
      underWay -= 1
    }
    const result = readReply(answer)
    if (result !== undefined) return result
    log.error({ subject, requestId }, 'reply breaks its contract')
    return fail('internal')
  }
}

function createHeaders(requestId: string, traceparent: string | undefined, timeoutMs: number): Record<string, string> {
  const headers = { [HEADERS.requestId]: requestId, [HEADERS.deadlineMs]: String(Math.floor(timeoutMs)) }
  return traceparent === undefined ? headers : { ...headers, [HEADERS.traceparent]: traceparent }
}

function createReplyReader(
  { reply, openList }: Procedure,
  allowed: readonly ErrorCode[]
): (message: Message) => Reply | undefined {
  const validator = Compile(reply)
  const narrow = openList === undefined ? (value: unknown) => value : createNarrowing(reply, openList)
  return ({ data }) => {
    const body = readBody(data)
    if (body === undefined) return undefined
    if (!('ok' in body)) return readFailure(body.error, allowed)
    const value = narrow(body.ok)
    return validator.Check(value) ? ok(value) : undefined
  }
}

/** Leaves out of a list what only a newer version can read. */
function createNarrowing(reply: TSchema, name: string): (value: unknown) => unknown {
  const list = Type.Index(reply, Type.Literal(name))
  const validator = Compile(Type.Index(list, Type.Number()))
  return (value) => {
    if (typeof value !== 'object' || value === null) return value
    const items: unknown = Object.entries(value).find(([key]) => key === name)?.[1]
    return Array.isArray(items) ? { ...value, [name]: items.filter((item) => validator.Check(item)) } : value
  }
}

function readBody(data: Uint8Array): { ok: unknown } | { error: unknown } | undefined {
  try {
    const body = decode(data)
    if (typeof body !== 'object' || body === null) return undefined
    return 'ok' in body || 'error' in body ? body : undefined
  } catch {
    return undefined
  }
}

function readFailure(error: unknown, allowed: readonly ErrorCode[]): Failure | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  const { code } = error
  if (!isErrorCode(code) || !allowed.includes(code)) return undefined
  const details = 'details' in error ? error.details : undefined
  const validator = detailsValidators.get(code)
  if (validator !== undefined && !validator.Check(details)) return undefined
  return { ok: false, code, details } as Failure
}
