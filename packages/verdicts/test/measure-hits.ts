/*
 * What a hit costs, and how much memory a kept verdict takes: `pnpm --filter @latchkey/verdicts measure`.
 * The verdict is the profile and the session that "who am I" answers, each parsed from JSON as a look-up's reply is.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { ok } from '@latchkey/contracts/errors'
import { openNatsTransport } from '@latchkey/messaging/nats'
import { startNats } from '@latchkey/testing/stores'
import { createVerdictHolder } from '../src/holder.ts'
import { createTouches } from '../src/touches.ts'
import { createMemoryLog, serveStandIn, until } from './scenario.ts'

const TOKENS = 100_000
const HITS = 2_000_000
const ROUNDS = 5
const HEADER = 'eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6IjIwMjYxMTIxVDAyMjExMFotYWJjZGVmMDEifQ'

const createToken = () =>
  `${HEADER}.${randomBytes(220).toString('base64url')}.${randomBytes(256).toString('base64url')}`

function createReply(): { readonly user: { readonly id: string }; readonly session: { readonly id: string } } {
  const time = (daysAhead: number) => new Date(Date.now() + daysAhead * 86_400_000 + Math.random() * 1e9).toISOString()
  const openedAt = time(-1)
  const id = randomUUID()
  return JSON.parse(
    JSON.stringify({
      user: {
        id,
        number: 12345,
        email: `${id}@example.com`,
        emailVerified: true,
        username: null,
        mobile: null,
        firstName: 'Ada',
        lastName: 'Lovelace',
        role: 'user',
        createdAt: time(-100)
      },
      session: {
        id: `7f${randomBytes(24).toString('base64url')}`,
        userId: id,
        state: 'active',
        device: {
          id: randomUUID(),
          name: 'Chrome on Windows',
          userAgent:
            'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
          ip: '203.0.113.7'
        },
        method: 'password',
        createdAt: openedAt,
        lastSeenAt: openedAt,
        idleExpiresAt: time(7),
        expiresAt: time(30),
        endedAt: null,
        endReason: null
      }
    })
  )
}

const teardowns: (() => Promise<void> | void)[] = []
const scope = { teardown: (release: () => Promise<void> | void) => void teardowns.unshift(release) }

async function openHolder() {
  const nats = await startNats(scope)
  const log = createMemoryLog()
  const [transport, authority] = ['holder', 'authority'].map((name) => {
    const opened = openNatsTransport({ url: nats.url, name, log })
    scope.teardown(() => opened.close())
    return opened
  })
  if (transport === undefined || authority === undefined) throw new Error('no transport')
  serveStandIn(scope, authority)
  const touches = createTouches({ publish: async () => undefined, log })
  const config = { leaseMs: 60_000, heartbeatDeadMs: 60_000, lookUpTimeoutMs: 60_000 }
  const holder = createVerdictHolder<ReturnType<typeof createReply>, 'unavailable', undefined>({
    transport,
    log,
    config,
    onUse: (session) => touches.record(session),
    lookUp: async () => {
      const verdict = createReply()
      const found = { verdict, sessionId: verdict.session.id, userId: verdict.user.id }
      return ok({ ...found, endsInMs: 600_000, idleEndsInMs: 600_000, idleTtlMs: 600_000 })
    }
  })
  scope.teardown(() => holder.stop())
  scope.teardown(() => touches.stop())
  holder.start()
  await until(() => holder.state.live)
  return holder
}

type MeasuredHolder = Awaited<ReturnType<typeof openHolder>>

const readHeap = () => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

function measureHits(holder: MeasuredHolder, tokens: readonly string[]): number {
  const before = holder.state.hits
  const rounds = Array.from({ length: ROUNDS }, () => {
    const startedAt = performance.now()
    for (let number = 0; number < HITS; number += 1) holder.judge(tokens[number % tokens.length] ?? '', true, undefined)
    return ((performance.now() - startedAt) / HITS) * 1e6
  })
  if (holder.state.hits - before !== HITS * ROUNDS) throw new Error('not all were hits')
  return Math.round(rounds.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0)
}

const tokens = Array.from({ length: TOKENS }, createToken)
const holder = await openHolder()
const verdictsBefore = readHeap()
const replies = Array.from({ length: TOKENS }, createReply)
const verdictBytes = (readHeap() - verdictsBefore) / TOKENS
replies.length = 0
const before = readHeap()
for (const token of tokens) await holder.judge(token, true, undefined)
const entryBytes = (readHeap() - before) / TOKENS
const table = {
  'ns per hit, 1 token': measureHits(holder, tokens.slice(0, 1)),
  'ns per hit, 100 000 tokens': measureHits(holder, tokens),
  'bytes per verdict, without its token': Math.round(entryBytes),
  'of which the parsed reply itself': Math.round(verdictBytes)
}
console.table(table)
for (const release of teardowns) await release()
