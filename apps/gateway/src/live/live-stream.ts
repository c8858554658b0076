import { Readable } from 'node:stream'
import type { activityContract } from '@latchkey/contracts/activity'
import type { ReplyOf } from '@latchkey/contracts/define'
import { type ErrorCode, type Failure, ok, type Result } from '@latchkey/contracts/errors'
import type { RecordedEntry } from '@latchkey/contracts/timeline'
import type { Caller } from '../caller.ts'
import { type EndCause, presentBeginning, presentEnd, presentEvent } from './present-event.ts'

export type RecordedPage = ReplyOf<typeof activityContract.listRecorded>

export interface LiveStreamOptions {
  readonly caller: Caller
  /** When the token runs out by which the stream was opened, by the clock that tokens are made by. */
  readonly tokenEndsAtMs: number
  readonly nowMs: () => number
  /** What was recorded after the position at which the client left, and whether that is all. */
  readonly first: RecordedPage
  readonly complete: boolean
  /** Whether the bearer of the token may still be told anything. No activity. */
  readonly judge: () => Result<Caller, ErrorCode> | Promise<Result<Caller, ErrorCode>>
  readonly listRecorded: (after: string) => Promise<Result<RecordedPage, ErrorCode>>
}

const HEARTBEAT_MS = 15_000
/** While nobody can say whether the stream may go on it is silent, and asks again so often, and so long. */
const DOUBT_PAUSE_MS = 1000
const MAX_DOUBT_MS = 15_000
/** A client that leaves so much unread is cut off: it comes back and goes on where it was. */
const MAX_UNREAD_BYTES = 64 * 1024
/** How long a client waits before it comes back. */
const RETRY_MS = 2000

/**
 * What one session is told of its user. Before anything is sent the session is judged as for a request, so that a stream
 * says nothing to whom a request would be refused. Messages are bells only: what they are about is read from the
 * record, in its order, from where this stream has come to. So none is lost, none comes twice, and none too early.
 */
export class LiveStream {
  readonly userId: string
  readonly sessionId: string
  readonly body: Readable
  readonly #options: LiveStreamOptions
  #position: string
  #timer: NodeJS.Timeout | undefined
  #isWorking = false
  #isRung = false
  #doubtedSinceMs: number | undefined

  constructor(options: LiveStreamOptions) {
    const { caller, first, complete } = options
    this.#options = options
    this.userId = caller.user.id
    this.sessionId = caller.session.id
    this.#position = first.position
    this.body = new Readable({ read: () => {}, destroy: (err, done) => this.#release(err, done) })
    this.#push(`retry: ${RETRY_MS}\n\n`)
    this.#tell(first.items)
    this.#push(presentBeginning(first.position, complete))
    this.#schedule(caller)
  }

  /** Looks soon whether the stream may go on, and what is new. Cheap, and many calls are as good as one. */
  ring(): void {
    this.#isRung = true
    if (!this.#isWorking) void this.#work()
  }

  /** Says why, and closes. */
  end(cause: EndCause): void {
    if (this.#isOver) return
    this.#push(presentEnd(cause, this.sessionId))
    clearTimeout(this.#timer)
    this.body.push(null)
  }

  get #isOver(): boolean {
    return this.body.destroyed || this.body.readableEnded || !this.body.readable
  }

  async #work(): Promise<void> {
    this.#isWorking = true
    while (this.#isRung && !this.#isOver) {
      this.#isRung = false
      await this.#proceed().catch((err: unknown) => this.body.destroy(err instanceof Error ? err : undefined))
    }
    this.#isWorking = false
  }

  async #proceed(): Promise<void> {
    const judged = await this.#options.judge()
    if (!judged.ok) {
      this.#meet(judged)
      return
    }
    const caughtUp = await this.#catchUp()
    if (!caughtUp.ok) {
      this.#meet(caughtUp)
      return
    }
    this.#doubtedSinceMs = undefined
    this.#schedule(judged.value)
  }

  async #catchUp(): Promise<Result<void, ErrorCode>> {
    for (;;) {
      const page = await this.#options.listRecorded(this.#position)
      if (!page.ok) return page
      const { items, position, hasMore, hasGap } = page.value
      this.#position = position
      this.#tell(items)
      if (hasGap) this.#push(presentBeginning(position, false))
      if (!hasMore || this.#isOver) return ok(undefined)
    }
  }

  /** A refusal ends the stream; that nobody can be asked does so only after a while. */
  #meet(failure: Failure): void {
    const isDoubt = failure.code === 'unavailable' || failure.code === 'deadline_exceeded'
    this.#doubtedSinceMs ??= performance.now()
    if (isDoubt && performance.now() - this.#doubtedSinceMs < MAX_DOUBT_MS) this.#wake(DOUBT_PAUSE_MS)
    else this.end(failure)
  }

  #tell(items: readonly RecordedEntry[]): void {
    for (const item of items) this.#push(presentEvent(item, this.sessionId))
  }

  #push(text: string): void {
    if (text === '' || this.#isOver) return
    this.body.push(text)
    if (this.body.readableLength > MAX_UNREAD_BYTES) this.body.destroy()
  }

  /** The next look is due at the next heartbeat, or when the token or the session may run out. */
  #schedule({ idleExpiresAt }: Caller): void {
    const now = this.#options.nowMs()
    const ends = [this.#options.tokenEndsAtMs - now, Date.parse(idleExpiresAt) - now]
    this.#wake(Math.min(HEARTBEAT_MS, ...ends.filter((ms) => ms > 0)), () => this.#push(':\n\n'))
  }

  #wake(afterMs: number, sign?: () => void): void {
    clearTimeout(this.#timer)
    if (this.#isOver) return
    this.#timer = setTimeout(() => {
      sign?.()
      this.ring()
    }, afterMs)
  }

  #release(err: Error | null, done: (err?: Error | null) => void): void {
    clearTimeout(this.#timer)
    done(err)
  }
}
