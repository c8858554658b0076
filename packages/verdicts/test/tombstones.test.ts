import { test } from 'tap'
import { Tombstones } from '../src/holder/tombstones.ts'

const options = { lifetimeMs: 1000, capacity: 10, refusesOnOverflow: true }
const captureOf = (tombstones: Tombstones, sentAt: number) => ({ sentAt, epoch: 0, count: tombstones.count })

test('an announcement is remembered for at least its lifetime', async (t) => {
  const tombstones = new Tombstones(options)
  const before = captureOf(tombstones, 950)
  tombstones.note({ kind: 'session', id: 'one' }, 950)
  tombstones.note({ kind: 'session', id: 'two' }, 1960)
  t.ok(tombstones.isOvertaken('two', 'ada', before, 1950))
  t.ok(tombstones.isOvertaken('one', 'ada', before, 1950))
  t.notOk(tombstones.isOvertaken('three', 'ada', before, 1950))
  t.ok(tombstones.isOvertaken('three', 'ada', before, 1951), 'longer under way than anything is remembered')
})

test('what was asked for after an announcement is not overtaken by it', async (t) => {
  const tombstones = new Tombstones(options)
  tombstones.note({ kind: 'session', id: 'one' }, 0)
  tombstones.note({ kind: 'everyone' }, 0)
  const after = captureOf(tombstones, 1)
  t.notOk(tombstones.isOvertaken('one', 'ada', after, 2))
  tombstones.note({ kind: 'user', id: 'ada' }, 3)
  t.ok(tombstones.isOvertaken('one', 'ada', after, 4))
  t.notOk(tombstones.isOvertaken('one', 'grace', after, 4))
})

test('a session and a user of one name are not taken for each other', async (t) => {
  const tombstones = new Tombstones(options)
  const before = captureOf(tombstones, 0)
  tombstones.note({ kind: 'user', id: 'same' }, 1)
  t.notOk(tombstones.isOvertaken('same', 'ada', before, 2))
})

test('past its capacity nothing that was asked for before is good', async (t) => {
  const tombstones = new Tombstones(options)
  const before = captureOf(tombstones, 0)
  for (let number = 0; number <= 10; number += 1) tombstones.note({ kind: 'session', id: `session-${number}` }, 1)
  t.ok(tombstones.isOvertaken('any', 'ada', before, 2))
  t.notOk(tombstones.isOvertaken('any', 'ada', captureOf(tombstones, 2), 3))
})
