import { randomUUID } from 'node:crypto'
import { type VerdictItem, verdictMessages } from '@latchkey/contracts/verdict'
import type { Log } from '@latchkey/messaging/client'
import type { Message, Subscription, Transport } from '@latchkey/messaging/transport'
import { readAcknowledgement, toMessage } from '../wire.ts'
import type { Entered, Member } from './registry.ts'

type Numbered = Pick<Entered, 'incarnation' | 'seq' | 'members'>

interface Waiting {
  readonly silent: Map<string, Member>
  readonly settle: () => void
}

/** A lost announcement, or acknowledgement, costs no more than this. */
const REPEAT_MS = 100

/** Tells holders of announcements and counts who has acknowledged which. */
export class Acknowledgements {
  readonly #transport: Transport
  readonly #log: Log
  readonly #subject = `${verdictMessages.acknowledged.subject}.${randomUUID()}`
  readonly #waiting = new Map<string, Waiting>()
  readonly #subscription: Subscription

  constructor(transport: Transport, log: Log) {
    this.#transport = transport
    this.#log = log
    this.#subscription = transport.subscribe(this.#subject, (message) => this.#take(message))
  }

  /** Repeats the announcement until everybody has acknowledged it, at most for `waitMs`. Resolves to those who have not. */
  async gather(items: readonly VerdictItem[], numbered: Numbered, waitMs: number): Promise<readonly Member[]> {
    const silent = new Map(numbered.members.map((member) => [member.id, member]))
    const key = keyOf(numbered)
    await new Promise<void>((resolve) => {
      if (silent.size === 0) return resolve()
      const repeat = setInterval(() => this.#publish(items, numbered), REPEAT_MS)
      const settle = () => {
        clearInterval(repeat)
        clearTimeout(timer)
        this.#waiting.delete(key)
        resolve()
      }
      // Whoever entered the announcement late has no time left: it is sent all the same.
      const timer = setTimeout(settle, Math.max(0, waitMs))
      this.#waiting.set(key, { silent, settle })
      this.#publish(items, numbered)
    })
    return [...silent.values()]
  }

  /** To show that announcements arrive: names nothing, and nobody acknowledges it. */
  beat({ incarnation, seq }: Pick<Numbered, 'incarnation' | 'seq'>): void {
    this.#send({ incarnation, seq, items: [], acknowledgeTo: null })
  }

  async stop(): Promise<void> {
    await this.#subscription.drain()
  }

  #publish(items: readonly VerdictItem[], { incarnation, seq }: Numbered): void {
    this.#send({ incarnation, seq, items: [...items], acknowledgeTo: this.#subject })
  }

  #send(announcement: Parameters<typeof toMessage>[0]): void {
    try {
      this.#transport.publish(verdictMessages.announced.subject, toMessage(announcement))
    } catch (err) {
      this.#log.debug({ err }, 'announcement could not be sent')
    }
  }

  #take(message: Message): void {
    const acknowledgement = readAcknowledgement(message)
    if (acknowledgement === undefined) return
    const waiting = this.#waiting.get(keyOf(acknowledgement))
    if (waiting === undefined) return
    waiting.silent.delete(acknowledgement.member)
    if (waiting.silent.size === 0) waiting.settle()
  }
}

function keyOf({ incarnation, seq }: Pick<Numbered, 'incarnation' | 'seq'>): string {
  return `${incarnation}:${seq}`
}
