import { Agent, type IncomingMessage, request } from 'node:http'

/** What an answer says instead of its text when there was none by the deadline. */
export const NO_ANSWER = 'no answer in time'

export interface Question {
  readonly method: string
  readonly path: string
  readonly token?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly deadlineMs: number
}

/** An answer that arrived whole, with the times of its request. */
export interface Answered {
  readonly start: number
  readonly end: number
  /** 0 when there was no whole answer: whatever was asked may have happened. */
  readonly status: number
  readonly text: string
  /** The header field. */
  readonly retryAfter: string | undefined
}

export interface GatewayClientOptions {
  /** Sent with every request, on top of what it brings. */
  readonly createHeaders?: () => Readonly<Record<string, string>>
}

/** Asks one gateway, over as many kept connections as there are questions at a time. */
export class GatewayClient {
  readonly index: number
  readonly #url: URL
  readonly #createHeaders: () => Readonly<Record<string, string>>
  readonly #agent = new Agent({ keepAlive: true, scheduling: 'fifo' })

  constructor(index: number, url: URL, { createHeaders = () => ({}) }: GatewayClientOptions = {}) {
    this.index = index
    this.#url = url
    this.#createHeaders = createHeaders
  }

  /** Never rejects. */
  ask({ method, path, token, body, headers = {}, deadlineMs }: Question): Promise<Answered> {
    const { promise, resolve } = Promise.withResolvers<Answered>()
    const text = body === undefined ? undefined : JSON.stringify(body)
    const start = performance.now()
    const settle = (status: number, answer: string, retryAfter?: string) => {
      clearTimeout(timer)
      resolve({ start, end: performance.now(), status, text: answer, retryAfter })
    }
    const asked = request({
      host: this.#url.hostname,
      port: this.#url.port,
      agent: this.#agent,
      method,
      path,
      headers: {
        ...this.#createHeaders(),
        ...headers,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
      }
    })
    const timer = setTimeout(() => asked.destroy(new Error(NO_ANSWER)), deadlineMs)
    asked.once('error', (err) => settle(0, err.message))
    asked.once('response', (response) => read(response, settle))
    asked.end(text)
    return promise
  }

  close(): void {
    this.#agent.destroy()
  }
}

type Settle = (status: number, text: string, retryAfter?: string) => void

function read(response: IncomingMessage, settle: Settle): void {
  const chunks: Buffer[] = []
  const { statusCode = 0, headers } = response
  response.on('data', (chunk: Buffer) => chunks.push(chunk))
  response.once('end', () => settle(statusCode, Buffer.concat(chunks).toString(), headers['retry-after']))
  response.once('error', (err) => settle(0, err.message))
}

/** A field of an answer in JSON, whatever it holds. */
export function readJson(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
