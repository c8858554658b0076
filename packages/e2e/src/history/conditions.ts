/** Each message of one subject, or of those below it, comes again after each of these times. */
export interface Repeating {
  readonly subject: string
  readonly afterMs: readonly number[]
  /** Told of each message that will. */
  readonly note: () => void
}

export interface SlowReplies {
  readonly chance: number
  readonly minMs: number
  readonly maxMs: number
  /** Told of each that is. */
  readonly note?: () => void
}

/** What one direction of a link does to what it carries. */
export interface Way {
  /** Keeps everything back; what was kept back goes on when that is over, as after a partition. */
  holds: boolean
  /** Milliseconds on top, the same order. */
  delayMs: number
  jitterMs: number
  /** Chance that a message is lost though the connection stands. NATS only. */
  losesMessages: number
  /** The same for messages of one subject, or of those below it; `note` is told of each. */
  losesSubject: { readonly subject: string; readonly chance: number; readonly note?: () => void } | undefined
  /** NATS only. */
  repeatsSubject: Repeating | undefined
  /** Chance that a reply comes late, alone: others overtake it. NATS only. */
  slowReplies: SlowReplies | undefined
}

/** What a link does. Faults set this and set it back. */
export interface Conditions {
  /** Connections are closed as soon as they come. */
  refuses: boolean
  /** Each connection is cut after so many bytes, in the middle of whatever it is carrying. */
  cutsAfterBytes: number | undefined
  /** Towards the store, and from it. */
  readonly up: Way
  readonly down: Way
}

export function createConditions(): Conditions {
  return { refuses: false, cutsAfterBytes: undefined, up: createWay(), down: createWay() }
}

function createWay(): Way {
  return {
    holds: false,
    delayMs: 0,
    jitterMs: 0,
    losesMessages: 0,
    losesSubject: undefined,
    repeatsSubject: undefined,
    slowReplies: undefined
  }
}
