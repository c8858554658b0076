import { once } from 'node:events'
import { fail, ok } from '@latchkey/contracts/errors'
import type { RecordedEntry } from '@latchkey/contracts/timeline'
import { test } from 'tap'
import { Caller } from '../../src/caller.ts'
import { LiveStream, type LiveStreamOptions } from '../../src/live/live-stream.ts'
import { LiveStreams } from '../../src/live/live-streams.ts'
import { createProfile, createSession } from '../stand-ins.ts'

const EMPTY = { items: [], position: '1-0', hasMore: false, hasGap: false }

function createCaller(): Caller {
  const user = createProfile()
  const idleExpiresAt = new Date(Date.now() + 60_000).toISOString()
  const session = createSession(user.id, { idleExpiresAt })
  return new Caller({ user, session, lastActiveAt: session.createdAt, idleTtlMs: 60_000 })
}

function createItems(count: number, textLength = 1): RecordedEntry[] {
  return Array.from({ length: count }, (_, number) => {
    const device = { name: 'x'.repeat(textLength), ip: '192.0.2.7' }
    const facts = { kind: 'signed_in', occurredAt: '2026-11-21T09:30:00.000Z', sessionId: null, reason: null } as const
    return { position: `${number + 2}-0`, entry: { id: `entry-${number}`, ...facts, device, fields: [] } }
  })
}

function open(t: { teardown(release: () => void): void }, options: Partial<LiveStreamOptions> = {}): LiveStream {
  const caller = options.caller ?? createCaller()
  const stream = new LiveStream({
    caller,
    tokenEndsAtMs: Date.now() + 600_000,
    nowMs: () => Date.now(),
    first: EMPTY,
    complete: true,
    judge: () => ok(caller),
    listRecorded: async (after) => ok({ ...EMPTY, position: after }),
    ...options
  })
  t.teardown(() => void stream.body.destroy())
  return stream
}

async function readAll({ body }: LiveStream): Promise<string> {
  let text = ''
  for await (const chunk of body.setEncoding('utf8')) text += chunk
  return text
}

test('what was recorded comes in its order, page after page, and once', async (t) => {
  const items = createItems(5)
  const asked: string[] = []
  const stream = open(t, {
    listRecorded: async (after) => {
      asked.push(after)
      const at = items.findIndex(({ position }) => position === after) + 1
      const page = items.slice(at, at + 2)
      return ok({
        items: page,
        position: page.at(-1)?.position ?? after,
        hasMore: at + 2 < items.length,
        hasGap: false
      })
    }
  })
  const text = readAll(stream)
  stream.ring()
  stream.ring()
  while (asked.length < 4) await new Promise(setImmediate)
  stream.end(fail('token_expired'))
  t.same((await text).match(/entry-\d/g), ['entry-0', 'entry-1', 'entry-2', 'entry-3', 'entry-4'])
  t.same(asked, ['1-0', '3-0', '5-0', '6-0'], 'the second ring found nothing more')
})

test('nothing is told to a session that would be refused', async (t) => {
  let isAsked = false
  const stream = open(t, {
    judge: async () => fail('session_ended', { reason: 'signed_out', endedAt: '2026-11-21T09:30:00.000Z' }),
    listRecorded: async () => {
      isAsked = true
      return ok({ ...EMPTY, items: createItems(1) })
    }
  })
  stream.ring()
  const text = await readAll(stream)
  t.match(text, 'event: session.ended')
  t.notMatch(text, 'entry-0')
  t.notOk(isAsked)
})

test('while nobody can be asked the stream is silent, then it goes on where it was', async (t) => {
  let failures = 2
  const stream = open(t, {
    listRecorded: async (after) => {
      if (after !== '1-0') return ok({ ...EMPTY, position: after })
      failures -= 1
      return failures < 0 ? ok({ ...EMPTY, items: createItems(1), position: '2-0' }) : fail('unavailable')
    }
  })
  stream.ring()
  let text = ''
  for await (const chunk of stream.body.setEncoding('utf8')) {
    text += chunk
    if (text.includes('entry-0')) break
  }
  t.notMatch(text, 'stream.ended')
})

test('a client that does not read is cut off', async (t) => {
  const stream = open(t, {
    listRecorded: async () => ok({ ...EMPTY, items: createItems(100, 1000), hasMore: true })
  })
  stream.ring()
  await once(stream.body, 'close')
  t.ok(stream.body.readableLength < 70_000)
})

test('a user who opens too many streams loses the oldest, and nobody else does', async (t) => {
  const streams = new LiveStreams()
  const [caller, other] = [createCaller(), createCaller()]
  const others = open(t, { caller: other })
  streams.add(others)
  const own = Array.from({ length: 11 }, () => open(t, { caller }))
  for (const stream of own) streams.add(stream)
  const [oldest] = own
  if (oldest === undefined) throw new Error('none was opened')
  t.match(await readAll(oldest), '"code":"superseded"')
  t.equal(streams.size, 11)
  for (const stream of [...own, others]) stream.body.destroy()
  await new Promise(setImmediate)
  t.equal(streams.size, 0, 'what is closed is forgotten')
})

test('closing ends every stream and lets nobody in', async (t) => {
  const streams = new LiveStreams()
  const stream = open(t)
  streams.add(stream)
  streams.close()
  t.match(await readAll(stream), '"code":"unavailable"')
  t.ok(streams.isFull)
})
