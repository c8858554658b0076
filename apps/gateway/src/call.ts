import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { CallOptions } from '@latchkey/contracts/define'

/** Longest any one call may take, and all calls of one request together. */
const reading = { callTimeoutMs: 2000, budgetMs: 2500 }
/** What ends sessions waits until no gateway takes them for live any more: 3.1 s for one that is silent. */
const changing = { callTimeoutMs: 4000, budgetMs: 5000 }

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

const REQUEST_ID = /^[A-Za-z0-9._-]{8,128}$/
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** Requests of one process are told apart by their number, those of two processes by what is before it. */
const PROCESS_ID = randomUUID()
let requests = 0

/** The caller's own request id if it is a sane one, else a new one. Unique, and nothing that has to be guessed. */
export function readRequestId(given: string | readonly string[] | undefined): string {
  if (typeof given === 'string' && REQUEST_ID.test(given)) return given
  requests += 1
  return `${PROCESS_ID}-${requests.toString(36)}`
}

/** Whether a request by this method is meant to change something. */
export function isChange(method: string): boolean {
  return !SAFE_METHODS.has(method)
}

export interface CallOrigin {
  readonly id: string
  readonly method: string
  readonly headers: IncomingMessage['headers']
}

/** What every call made for one request has in common; `timeoutMs` shrinks as the request's budget is used up. */
export class RequestCall implements CallOptions {
  readonly requestId: string
  readonly #given: string | undefined
  readonly #callTimeoutMs: number
  readonly #deadlineAtMs: number
  #traceparent: string | undefined

  /** `patienceMs` replaces what follows from the method. */
  constructor({ id, method, headers: { traceparent } }: CallOrigin, patienceMs: number | undefined) {
    const usual = isChange(method) ? changing : reading
    const { callTimeoutMs = usual.callTimeoutMs, budgetMs = usual.budgetMs } = bePatient(patienceMs)
    this.requestId = id
    this.#given = typeof traceparent === 'string' ? traceparent : undefined
    this.#callTimeoutMs = callTimeoutMs
    this.#deadlineAtMs = performance.now() + budgetMs
  }

  /** The caller's trace context (W3C), or the beginning of a new one. */
  get traceparent(): string {
    this.#traceparent ??= this.#given !== undefined && TRACEPARENT.test(this.#given) ? this.#given : createTraceparent()
    return this.#traceparent
  }

  get timeoutMs(): number {
    return Math.min(this.#callTimeoutMs, this.#deadlineAtMs - performance.now())
  }
}

/** The same call with a shorter wait. */
export function within({ requestId, traceparent, timeoutMs }: CallOptions, limitMs: number): CallOptions {
  return { requestId, traceparent, timeoutMs: Math.min(timeoutMs, limitMs) }
}

function bePatient(patienceMs: number | undefined): Partial<typeof reading> {
  return patienceMs === undefined ? {} : { callTimeoutMs: patienceMs, budgetMs: patienceMs }
}

function createTraceparent(): string {
  const digits = () => randomUUID().replaceAll('-', '')
  return `00-${digits()}-${digits().slice(-16)}-00`
}
