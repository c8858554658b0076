import type { TimelineEntry } from '@latchkey/contracts/timeline'
import { openLayoutSnapshots } from '@latchkey/testing/layout-snapshots'
import { type Layout, takeLayout } from '@latchkey/testing/redis-layout'
import { startRedis, type TestScope } from '@latchkey/testing/stores'
import type { DeadLetter } from '../../src/domain/webhook-ports.ts'
import { createAttemptStore } from '../../src/store/attempts.ts'
import { createDeadLetters } from '../../src/store/dead-letters.ts'
import { createErasures } from '../../src/store/erasures.ts'
import { createEventIndex } from '../../src/store/event-index.ts'
import { createTimelines } from '../../src/store/timelines.ts'
import { createUserStates } from '../../src/store/user-states.ts'
import { createEntry, openClient, openScripts } from './fixtures.ts'

export const snapshots = openLayoutSnapshots(new URL('./snapshots/', import.meta.url))

const HOUR_MS = 3_600_000
const LIMITS = { perAccount: 2, perSource: 2, sourceWindowSeconds: 900, delaySeconds: 30, longestDelaySeconds: 3600 }
const BOUNDS = { maxLength: 1000, retentionSeconds: 90 * 24 * 3600 }
export const RULES = { windowMs: HOUR_MS, blockMs: HOUR_MS }

const userOf = (end: string) => `7f98c0de-0000-7000-8000-0000000000${end}`
/** One user for each thing that may be kept of one. */
export const people = {
  active: userOf('a1'),
  inactive: userOf('b2'),
  keptOut: userOf('c3'),
  guessed: userOf('d4'),
  deleted: userOf('e5')
} as const
export const PLACE = 'device:0198c0de'
export const SOURCE = '192.0.2.7'

export async function openStores(t: TestScope, url: string) {
  const scripts = openScripts(await openClient(t, url))
  return {
    states: createUserStates(scripts, { onEvent: () => {}, onBlock: () => {} }),
    timelines: createTimelines(scripts, BOUNDS),
    events: createEventIndex(scripts, BOUNDS),
    attempts: createAttemptStore(scripts, LIMITS),
    erasures: createErasures(scripts, { streamAgeMs: HOUR_MS }),
    letters: createDeadLetters(scripts, { retentionMs: HOUR_MS })
  }
}

type Stores = Awaited<ReturnType<typeof openStores>>

async function writeStates({ states }: Stores): Promise<void> {
  await states.judge(people.active, 'request', RULES, 0)
  await states.moveLastSeen(people.inactive, Date.now() - 2 * HOUR_MS)
  await states.judge(people.inactive, 'request', RULES, 0)
  await states.noteAdminBlock(people.keptOut, { decidedAtMs: Date.now(), untilMs: Date.now() + HOUR_MS })
}

async function writeAttempts({ attempts }: Stores): Promise<void> {
  const take = { places: [PLACE], otherwise: 'others' }
  const settled = { budget: 'others', places: [PLACE] }
  await attempts.takeFromAccount(people.guessed, take)
  await attempts.settleInAccount(people.guessed, { ...settled, outcome: 'right' })
  for (const _ of [1, 2]) {
    await attempts.takeFromAccount(people.guessed, { places: [], otherwise: 'others' })
    await attempts.settleInAccount(people.guessed, { ...settled, places: [], outcome: 'wrong' })
  }
  await attempts.takeFromAccount(people.guessed, take)
  await attempts.takeFromSource(SOURCE, 'secrets')
  await attempts.settleInSource(SOURCE, 'secrets', 'wrong')
  await attempts.countFailure()
}

export const entry = (): TimelineEntry => ({
  ...createEntry(1, { kind: 'sign_in_failed' }),
  device: { name: 'Chrome on macOS', ip: SOURCE },
  fields: ['email']
})

export const letter = (): DeadLetter => ({
  sequence: 7,
  eventId: 'event-7',
  name: 'userBlocked',
  attempts: 15,
  failedAt: new Date().toISOString(),
  reason: 'status 500'
})

/** What of activity is kept, once of each kind; ids are the same each time. */
async function writeAll(stores: Stores): Promise<void> {
  await writeStates(stores)
  await writeAttempts(stores)
  const { timelines, events, erasures, letters } = stores
  await timelines.append(people.active, [entry()])
  await events.append(people.active, [entry()])
  await erasures.note(people.active, 12)
  await letters.keep('crm', letter())
  await timelines.append(people.deleted, [entry()])
  await erasures.erase(people.deleted)
}

/** What the stores write now. */
export async function takeActivityLayout(t: TestScope): Promise<Layout> {
  const { url } = await startRedis(t)
  const fromMs = Date.now()
  await writeAll(await openStores(t, url))
  return await takeLayout(url, { period: { fromMs, toMs: Date.now() } })
}
