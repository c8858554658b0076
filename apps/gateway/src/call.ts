import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { CallOptions } from '@latchkey/contracts/define'

/** Longest any one call may take, and all calls of one request together. */
const CALL_TIMEOUT_MS = 2000
const REQUEST_BUDGET_MS = 2500

const REQUEST_ID = /^[A-Za-z0-9._-]{8,128}$/
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** The caller's own request id if it is a sane one, else a new one. */
export function readRequestId({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID()
}

/** What every call made for one request has in common; `timeoutMs` shrinks as the request's budget is used up. */
export class RequestCall implements CallOptions {
  readonly requestId: string
  readonly #given: string | undefined
  readonly #deadlineAtMs = performance.now() + REQUEST_BUDGET_MS
  #traceparent: string | undefined

  constructor(requestId: string, traceparent: string | string[] | undefined) {
    this.requestId = requestId
    this.#given = typeof traceparent === 'string' ? traceparent : undefined
  }

  /** The caller's trace context (W3C), or the beginning of a new one. */
  get traceparent(): string {
    this.#traceparent ??= this.#given !== undefined && TRACEPARENT.test(this.#given) ? this.#given : createTraceparent()
    return this.#traceparent
  }

  get timeoutMs(): number {
    return Math.min(CALL_TIMEOUT_MS, this.#deadlineAtMs - performance.now())
  }
}

/** The same call with a shorter wait. */
export function within({ requestId, traceparent, timeoutMs }: CallOptions, limitMs: number): CallOptions {
  return { requestId, traceparent, timeoutMs: Math.min(timeoutMs, limitMs) }
}

function createTraceparent(): string {
  const digits = () => randomUUID().replaceAll('-', '')
  return `00-${digits()}-${digits().slice(-16)}-00`
}
