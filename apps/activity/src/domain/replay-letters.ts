import type { DeadLetter, DeadLetters, WebhookEndpoint, WebhookSender } from './webhook-ports.ts'

export interface ReplayDeps {
  readonly sender: WebhookSender
  readonly letters: Pick<DeadLetters, 'list' | 'drop'>
  /** What the event says; `undefined` where the stream has it no longer. */
  readonly readEvent: (sequence: number) => Promise<Uint8Array | undefined>
}

export interface Replayed {
  readonly letter: DeadLetter
  /** `gone`: the event has left the stream, by its age or with its user; there is nothing to send any more. */
  readonly outcome: 'delivered' | 'gone' | 'failed'
  /** Why it failed. */
  readonly reason?: string
}

/** Sends an endpoint's dead letters once more, one after another in the order of the stream; those that fail are kept. */
export async function* replayLetters(
  { sender, letters, readEvent }: ReplayDeps,
  endpoint: WebhookEndpoint,
  eventId: string | undefined
): AsyncGenerator<Replayed> {
  const all = await letters.list(endpoint.name)
  for (const letter of all.filter((one) => eventId === undefined || one.eventId === eventId)) {
    const body = await readEvent(letter.sequence)
    const result = body && (await sender.send(endpoint, { id: letter.eventId, body }))
    if (result === undefined || result.kind === 'accepted') await letters.drop(endpoint.name, letter.sequence)
    if (result === undefined) yield { letter, outcome: 'gone' }
    else if (result.kind === 'accepted') yield { letter, outcome: 'delivered' }
    else yield { letter, outcome: 'failed', reason: result.kind === 'refused' ? result.reason : 'stopped' }
  }
}
