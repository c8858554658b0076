import { Agent, request as openRequest } from 'node:http'

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

/** Keeps its connections; for what a load generator cannot do, such as using each answer in the next request. */
export function createHttpClient(): HttpClient {
  const agent = new Agent({ keepAlive: true })
  return { ask: (question) => send(agent, question), [Symbol.dispose]: () => agent.destroy() }
}

function send(agent: Agent, { method, url, headers = {}, body }: Question): Promise<Answer> {
  const answered = Promise.withResolvers<Answer>()
  const text = body === undefined ? undefined : JSON.stringify(body)
  const type =
    text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
  const startedAtMs = performance.now()
  const request = openRequest(url, { method, agent, headers: { ...headers, ...type }, timeout: DEADLINE_MS })
  request.on('timeout', () => request.destroy(new Error(`${method} ${url}: no answer in time`)))
  request.on('error', answered.reject)
  request.on('response', (response) => {
    const chunks: Buffer[] = []
    response.on('error', answered.reject)
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('end', () => {
      answered.resolve({
        status: response.statusCode ?? 0,
        body: Buffer.concat(chunks).toString(),
        cookies: response.headers['set-cookie'] ?? [],
        startedAtMs,
        endedAtMs: performance.now()
      })
    })
  })
  request.end(text)
  return answered.promise
}

/** Asks and gives the parsed body; throws when the answer is not the expected status. */
export async function getJson(client: HttpClient, question: Question, status: number): Promise<unknown> {
  const answer = await client.ask(question)
  if (answer.status !== status) {
    throw new Error(`${question.method} ${question.url} answered ${answer.status}: ${answer.body.slice(0, 300)}`)
  }
  return JSON.parse(answer.body)
}
