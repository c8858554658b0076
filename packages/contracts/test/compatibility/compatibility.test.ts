import { test } from 'tap'
import Type, { type TSchema } from 'typebox'
import { findBreaks } from './find-breaks.ts'
import { listVersions, type ProcedureShape, readSnapshot, type Snapshot, takeSnapshot } from './snapshot.ts'

for (const version of listVersions()) {
  test(`services of this version work beside those of ${version}`, async (t) => {
    t.same(findBreaks(readSnapshot(version), takeSnapshot()), [])
  })
}

test('there is a version to compare with', async (t) => {
  t.ok(listVersions().length > 0)
})

test('no schema refuses fields that it does not know', async (t) => {
  t.notOk(JSON.stringify(takeSnapshot()).includes('"additionalProperties":false'))
})

const Color = Type.Union([Type.Literal('red'), Type.Literal('green')])
const Item = Type.Object({ color: Color })
const procedure = {
  request: Type.Object({ key: Type.String({ maxLength: 10 }), color: Color }),
  reply: Type.Object({ items: Type.Array(Item), note: Type.Optional(Type.String()) }),
  errors: ['forbidden']
} satisfies ProcedureShape

function snapshotOf(shape: Partial<ProcedureShape>, payload: TSchema = Item): Snapshot {
  return {
    procedures: { 'door.open': { ...procedure, ...shape } },
    messages: { 'door.opened': payload },
    events: { opened: { subject: 'event.opened', version: 1, payload } },
    errors: { forbidden: { status: 403, details: payload } }
  }
}

function compare(older: Partial<ProcedureShape>, newer: Partial<ProcedureShape>): string[] {
  return findBreaks(snapshotOf(older), snapshotOf(newer))
}

const More = Type.Union([...Color.anyOf, Type.Literal('blue')])

test('optional fields, errors and whole procedures may come in', async (t) => {
  const older = snapshotOf({})
  t.same(findBreaks(older, { ...older, procedures: { ...older.procedures, 'door.close': procedure } }), [])
  const wider = Type.Object({ ...procedure.request.properties, force: Type.Optional(Type.Boolean()) })
  t.same(compare({}, { request: wider, errors: ['forbidden', 'not_found'] }), [])
  const roomier = Type.Object({ items: Type.Array(Type.Object({ color: Color, size: Type.Optional(Type.Number()) })) })
  t.same(compare({ reply: Type.Object({ items: Type.Array(Item) }) }, { reply: roomier }), [])
  t.same(findBreaks(older, snapshotOf({}, Type.Object({ color: Color, at: Type.Optional(Type.String()) }))), [])
})

test('a list that is open may gain kinds of items, and nothing else may', async (t) => {
  const reply = Type.Object({ items: Type.Array(Type.Object({ color: More })), note: Type.Optional(Type.String()) })
  t.same(compare({ openList: 'items' }, { reply, openList: 'items' }), [])
  t.same(compare({}, { reply }), ['door.open reply.items[].color: more alternatives'])
})

test('whatever the one side would misunderstand is named with its place', async (t) => {
  const { request, reply } = procedure
  const key = Type.String({ maxLength: 10 })
  t.same(compare({}, { request: Type.Object({ ...request.properties, force: Type.Boolean() }) }), [
    'door.open request.force: new, and not optional'
  ])
  t.same(compare({}, { request: Type.Object({ key }) }), ['door.open request.color: gone'])
  t.same(compare({}, { request: Type.Object({ key: Type.String({ maxLength: 99 }), color: Color }) }), [
    'door.open request.key: other rules'
  ])
  t.same(compare({}, { request: Type.Object({ key, color: More }) }), ['door.open request.color: more alternatives'])
  t.same(compare({}, { request: Type.Object({ key, color: Type.Optional(Color) }) }), [
    'door.open request.color: not always there any more'
  ])
  t.same(compare({}, { reply: Type.Object({ ...reply.properties, note: Type.String() }) }), [
    'door.open reply.note: not optional any more'
  ])
  t.same(compare({}, { errors: [] }), ['door.open: may not answer forbidden any more'])
  t.same(findBreaks(snapshotOf({}), { ...snapshotOf({}), procedures: {} }), ['door.open: gone'])
  const changed = ['door.opened.color: more alternatives', 'opened.color: more alternatives']
  t.same(findBreaks(snapshotOf({}), snapshotOf({}, Type.Object({ color: More }))), [
    ...changed,
    'forbidden.details.color: more alternatives'
  ])
})
