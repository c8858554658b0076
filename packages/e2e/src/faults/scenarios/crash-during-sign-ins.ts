import { setTimeout as delay } from 'node:timers/promises'
import { runSql } from '@latchkey/testing/dumps'
import type { TestScope } from '@latchkey/testing/stores'
import { latestToken, registerAccount, type Session, signInAccount } from '../../history/account.ts'
import { type GatewayClient, readJson } from '../../history/gateway-client.ts'
import type { Random } from '../../history/random.ts'
import { insist } from '../../history/settle.ts'
import { eventually } from '../../people.ts'
import { askRevoke } from '../acts.ts'
import { BalancedClient } from '../balanced-client.ts'
import { Crowd, type Person } from '../crowd.ts'
import { type EventLedger, keepEventLedger } from '../event-ledger.ts'
import { watchHealth } from '../health.ts'
import { type Platform, startPlatform } from '../platform.ts'
import type { Outcome, OwnScenario, RunOptions } from '../scenario.ts'

const AT_ONCE = 16
/** Of one user so few sessions that the list has them all. */
const SESSIONS_EACH = 40
const PAGE = 100
/** Before the first sign-ins services have hardly begun to work. */
const MAX_GROWTH_MIB = 128
/** What the outboxes still hold is told within it. */
const TOLD_WITHIN_MS = 60_000

/** Services crash at any moment while people sign in and out; the events tell afterwards what the stores hold. */
export const crashDuringSignIns: OwnScenario = {
  name: 'crash-during-sign-ins',
  fault: 'services are killed at any moment while people sign in and out: no event is lost, none is invented',
  run: async (t, options) => {
    const { random, signIns } = options
    const platform = await startPlatform(t, {
      topology: { gateway: 2, auth: 2, session: 2, activity: 1 },
      random: random.fork('links'),
      overrides: { SESSION_HISTORY: '1000' }
    })
    const ledger = keepEventLedger(t, platform.nats)
    const client = new BalancedClient(platform.gateways)
    t.teardown(() => client.close())
    const people = await registerPeople(client, Math.max(4, Math.ceil(signIns / SESSIONS_EACH)))
    const watched = await watchHealth(t, platform.services, MAX_GROWTH_MIB)
    const killer = startKiller(t, platform, random.fork('killer'))
    const answered = await signInOften(client, people, options)
    const kills = await killer.stop()
    const findings = await compare(platform, client, people, ledger)
    const health = await watched.judge()
    const { opened, ended, repeated } = ledger
    return {
      findings: [...findings, ...health.findings],
      notes: [
        ...health.notes,
        `${kills} crashes during ${signIns} sign-ins, of which ${answered} were answered with success`,
        `${opened.size} sessions opened and ${ended.size} ended by ${repeated + opened.size + ended.size} events`
      ],
      figures: { wrong: findings.length, otherErrors: 0 }
    } satisfies Outcome
  }
}

async function registerPeople(client: GatewayClient, count: number): Promise<readonly Person[]> {
  const crowd = new Crowd()
  const people: Person[] = []
  const next = async () => {
    while (people.length < count) {
      const person = crowd.createPerson()
      people.push(person)
      await insist(async () => (await registerAccount(client, person)).answered)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, next))
  return people
}

/** Kills one service after another, whichever it is, and starts it again. */
function startKiller(t: TestScope, { services }: Platform, random: Random) {
  const state = { isOver: false, kills: 0 }
  const run = async () => {
    while (!state.isOver) {
      const victim = random.pick(services)
      await delay(random.between(0, 1000))
      await victim.kill()
      state.kills += 1
      await victim.start()
    }
  }
  const running = run()
  t.teardown(() => {
    state.isOver = true
  })
  return {
    stop: async () => {
      state.isOver = true
      await running
      return state.kills
    }
  }
}

/** Signs in so often, and out again now and then. Returns how often that was answered with success. */
async function signInOften(
  client: GatewayClient,
  people: readonly Person[],
  { signIns, random }: RunOptions
): Promise<number> {
  let [begun, answered] = [0, 0]
  const next = async () => {
    while (begun < signIns) {
      begun += 1
      const { session } = await signInAccount(client, people[begun % people.length] ?? random.pick(people))
      if (session === undefined) continue
      answered += 1
      if (random.chance(0.4)) await askRevoke(client, session)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, next))
  return answered
}

interface Stored {
  readonly opened: Set<string>
  readonly ended: Set<string>
  readonly registered: Set<string>
}

async function compare(
  { environment }: Platform,
  client: GatewayClient,
  people: readonly Person[],
  ledger: EventLedger
): Promise<string[]> {
  const stored: Stored = { opened: new Set(), ended: new Set(), registered: new Set() }
  for (const { id } of await runSql(environment.DATABASE_URL ?? '', 'select id from users')) {
    stored.registered.add(String(id))
  }
  await Promise.all(people.map((person) => listStored(client, person, stored)))
  const list = () => [
    ...differ('sessions opened', stored.opened, ledger.opened),
    ...differ('sessions ended', stored.ended, ledger.ended),
    ...differ('registrations', stored.registered, ledger.registered)
  ]
  return await eventually(
    async () => list(),
    (differences) => differences.length === 0,
    TOLD_WITHIN_MS
  )
}

/** All sessions of somebody, by a new one. */
async function listStored(client: GatewayClient, person: Person, stored: Stored): Promise<void> {
  let opened: Session | undefined
  await insist(async () => {
    const { answered, session } = await signInAccount(client, person)
    opened = session
    return answered
  })
  if (opened === undefined) throw new Error(`${person.name} cannot sign in`)
  const token = latestToken(opened)
  for (let path: string | undefined = `/v1/sessions?state=all&limit=${PAGE}`; path !== undefined; ) {
    const question = { method: 'GET', path, token, deadlineMs: 5000 }
    const page = readPage((await insist(() => client.ask(question))).text)
    for (const { id, state } of page.items) {
      stored.opened.add(id)
      if (state === 'ended') stored.ended.add(id)
    }
    path = page.nextCursor === null ? undefined : `/v1/sessions?state=all&limit=${PAGE}&cursor=${page.nextCursor}`
  }
}

interface Page {
  readonly items: readonly { readonly id: string; readonly state: string }[]
  readonly nextCursor: string | null
}

function readPage(text: string): Page {
  if (!('items' in readJson(text))) throw new Error(`no list: ${text.slice(0, 200)}`)
  return JSON.parse(text)
}

function differ(what: string, stored: ReadonlySet<string>, told: ReadonlySet<string>): string[] {
  const missing = [...stored].filter((id) => !told.has(id)).length
  const invented = [...told].filter((id) => !stored.has(id)).length
  return [
    ...(missing > 0 ? [`${what}: no event of ${missing} among ${stored.size}`] : []),
    ...(invented > 0 ? [`${what}: events of ${invented} that are in no store`] : [])
  ]
}
