import { readdirSync } from 'node:fs'
import { test } from 'tap'
import { events } from '../src/events.ts'
import { SERVICE_NAMES, traffic } from '../src/services.ts'

interface Declared {
  /** Subjects of procedures and of messages, with the file that declares them. */
  readonly procedures: Map<string, string>
  readonly messages: Map<string, string>
}

/** Everything that the files of this package declare with a subject, events aside. */
async function readDeclared(): Promise<Declared> {
  const procedures = new Map<string, string>()
  const messages = new Map<string, string>()
  const source = new URL('../src/', import.meta.url)
  for (const file of readdirSync(source).filter((name) => name !== 'events.ts' && name !== 'services.ts')) {
    const exported: object = await import(new URL(file, source).href)
    for (const value of Object.values(exported).flatMap((item) => Object.values(item ?? {}))) {
      if (typeof value !== 'object' || value === null || !('subject' in value)) continue
      if ('reply' in value) procedures.set(String(value.subject), file)
      else messages.set(String(value.subject), file)
    }
  }
  return { procedures, messages }
}

const all = Object.values(traffic)
const withoutWildcard = (subject: string) => subject.replace(/\.\*$/, '')

test('every procedure is served by one service, and asked for by another', async (t) => {
  const { procedures } = await readDeclared()
  const served = all.flatMap(({ serves }) => serves.flatMap((contract) => Object.values(contract)))
  const subjects = served.map(({ subject }) => subject)
  t.same([...procedures.keys()].sort(), [...subjects].sort())
  t.equal(new Set(subjects).size, subjects.length)
  const called = all.flatMap(({ calls }) => calls.map(({ subject }) => subject))
  t.same([...new Set(called)].sort(), [...subjects].sort(), 'what nobody may call is not needed')
})

test('every message has somebody who tells it and somebody who hears it', async (t) => {
  const { messages } = await readDeclared()
  const told = all.flatMap(({ tells }) => tells.map(withoutWildcard))
  const heard = all.flatMap(({ hears, shares }) => [...hears, ...shares].map(withoutWildcard))
  t.same([...new Set(told)].sort(), [...messages.keys()].sort())
  t.same([...new Set(heard)].sort(), [...messages.keys()].sort())
})

test('every event is recorded by some service, and by no service that has none of its own', async (t) => {
  const recorded = all.flatMap(({ records }) => records)
  t.same([...new Set(recorded)].sort(), Object.keys(events).sort())
  t.same(traffic.gateway.records, [])
})

test('no service asks itself', async (t) => {
  for (const name of SERVICE_NAMES) {
    const own = traffic[name].serves.flatMap((contract) => Object.values(contract).map(({ subject }) => subject))
    t.same(
      traffic[name].calls.filter(({ subject }) => own.includes(subject)),
      [],
      name
    )
  }
})
