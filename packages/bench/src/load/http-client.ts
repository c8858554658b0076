import { Agent } from 'undici'

export interface Question {
  readonly method: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
}

export interface Answer {
  readonly status: number
  readonly body: string
  readonly cookies: readonly string[]
  /** By `performance.now()`: before the first byte went out, and after the last one came in. */
  readonly startedAtMs: number
  readonly endedAtMs: number
}

export interface HttpClient extends Disposable {
  ask(question: Question): Promise<Answer>
}

const DEADLINE_MS = 20_000

/**
 * Keeps its connections; for what a load generator cannot do, such as using each answer in the next request. It lives on
 * the machine that is measured: undici takes a fraction of the time of Node's own client.
 */
export function createHttpClient(): HttpClient {
  const agent = new Agent({ headersTimeout: DEADLINE_MS, bodyTimeout: DEADLINE_MS })
  return { ask: (question) => send(agent, question), [Symbol.dispose]: () => void agent.destroy() }
}

async function send(agent: Agent, { method, url, headers = {}, body }: Question): Promise<Answer> {
  const { origin, pathname, search } = new URL(url)
  const content = body === undefined ? {} : { body: JSON.stringify(body) }
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  const startedAtMs = performance.now()
  const answer = await agent.request({
    ...{ origin, path: `${pathname}${search}`, method: method as 'GET' },
    ...content,
    headers: { ...headers, ...type }
  })
  const text = await answer.body.text()
  const { statusCode: status } = answer
  const cookies = [answer.headers['set-cookie'] ?? []].flat()
  return { status, body: text, cookies, startedAtMs, endedAtMs: performance.now() }
}

/** Asks and gives the parsed body; throws when the answer is not the expected status. */
export async function getJson(client: HttpClient, question: Question, status: number): Promise<unknown> {
  const answer = await client.ask(question)
  if (answer.status !== status) {
    throw new Error(`${question.method} ${question.url} answered ${answer.status}: ${answer.body.slice(0, 300)}`)
  }
  return JSON.parse(answer.body)
}
