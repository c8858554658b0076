import type { TestScope } from './stores.ts'

/** An event as a browser would hand it out; `id` is that of the last event that had one. */
export interface ReceivedEvent {
  readonly id: string
  readonly name: string
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into events of any shape, and its assertions check them
  readonly data: any
}

export interface EventStream {
  readonly status: number
  readonly headers: Headers
  /** All that has come so far. */
  readonly received: readonly ReceivedEvent[]
  /** The next event of that name, or of any; fails when the stream ends without it. */
  next(name?: string): Promise<ReceivedEvent>
  /** Resolves with all that came, once the server has ended the stream. */
  readonly ended: Promise<readonly ReceivedEvent[]>
  /** Goes away, as a browser does whose page is closed. */
  leave(): void
}

/** Opens a stream of server-sent events; an answer of another kind is one that has ended. */
export async function openEventStream(
  t: TestScope,
  url: string,
  headers: Readonly<Record<string, string>>
): Promise<EventStream> {
  const leaving = new AbortController()
  t.teardown(() => leaving.abort())
  const response = await fetch(url, { headers, signal: leaving.signal })
  const received: ReceivedEvent[] = []
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const look of waiting) look()
  }
  let isOver = false
  const ended = read(response, (event) => {
    received.push(event)
    wake()
  }).then(() => {
    isOver = true
    wake()
    return received
  })

  let taken = 0
  const next = (name?: string) =>
    new Promise<ReceivedEvent>((resolve, reject) => {
      const look = () => {
        const index = received.findIndex((event, at) => at >= taken && (name === undefined || event.name === name))
        const event = received[index]
        if (event === undefined && !isOver) return
        waiting.delete(look)
        if (event === undefined) reject(new Error(`the stream has ended without ${name ?? 'another event'}`))
        else resolve(event)
        if (event !== undefined) taken = index + 1
      }
      waiting.add(look)
      look()
    })
  const { status } = response
  return { status, headers: response.headers, received, next, ended, leave: () => leaving.abort() }
}

async function read({ body }: Response, take: (event: ReceivedEvent) => void): Promise<void> {
  let text = ''
  let id = ''
  const decoder = new TextDecoder()
  try {
    for await (const chunk of body ?? []) {
      text += decoder.decode(chunk, { stream: true })
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: ?(.*)/s, 2)))
        id = fields.id ?? id
        if (fields.data !== undefined) take({ id, name: fields.event ?? 'message', data: JSON.parse(fields.data) })
      }
    }
  } catch {
    // Cut off, or left by the test itself: either way nothing more comes.
  }
}
