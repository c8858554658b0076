import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { Compile } from 'typebox/compile'
import { Envelope, events, subjectOf } from '../src/events.ts'
import { eventDocs, exampleOf, renderEventDocs } from './event-docs.ts'

test('the description of the events is what their schemas say', async (t) => {
  t.equal(readFileSync(eventDocs, 'utf8'), renderEventDocs())
})

test('every example is an event, and shows each field that there can be', async (t) => {
  for (const [name, { payload, example }] of Object.entries(events)) {
    t.ok(Compile(Envelope).Check(exampleOf(name, example)), name)
    t.ok(Compile(payload).Check(example), name)
    const known = Object.keys(payload.properties)
    t.same(
      Object.keys(example).filter((key) => !known.includes(key)),
      [],
      name
    )
  }
})

test('the subject of an event follows from its name, so that whoever relays needs to know no more', async (t) => {
  for (const [name, { subject }] of Object.entries(events)) t.equal(subjectOf(name), subject)
})
