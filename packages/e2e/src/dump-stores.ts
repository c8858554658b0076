import { EVENT_STREAM } from '@latchkey/messaging/events'
import { openNatsTransport } from '@latchkey/messaging/nats'
import { dumpPostgres, dumpRedis } from '@latchkey/testing/dumps'
import { withUser } from '@latchkey/testing/guarded-stores'
import { eventually } from './people.ts'
import type { Stack } from './stack.ts'

const silent = { info: () => {}, warn: () => {} }
const decoder = new TextDecoder()

/** Every message that the event stream holds, as text. Reads until nothing more comes. */
async function dumpStream({ nats }: Stack): Promise<string> {
  const transport = openNatsTransport({ url: withUser(nats.url, 'operator'), name: 'reader', log: silent })
  const texts: string[] = []
  const durable = `reader-${Math.random().toString(36).slice(2)}`
  const subscription = transport.consume({ stream: EVENT_STREAM, durable, ackWaitMs: 30_000 }, async (message) => {
    texts.push(decoder.decode(message.data))
    message.ack()
  })
  let count = -1
  await eventually(
    async () => {
      const before = count
      count = texts.length
      await new Promise((resolve) => setTimeout(resolve, 400))
      return before === texts.length && count === texts.length
    },
    (isQuiet) => isQuiet
  )
  await subscription.drain()
  await transport.close()
  return texts.join('\n')
}

export type Store = 'postgres' | 'redis' | 'stream'

export const STORES: readonly Store[] = ['postgres', 'stream', 'redis']

/** All that a store holds, as text. The Redis is that of the session and of the activity service. */
export function dumpStore(stack: Stack, store: Store): Promise<string> {
  const dumps = {
    postgres: () => dumpPostgres(stack.environment.DATABASE_URL ?? ''),
    redis: () => dumpRedis(stack.redis.url),
    stream: () => dumpStream(stack)
  }
  return dumps[store]()
}
