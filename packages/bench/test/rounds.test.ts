import { test } from 'tap'
import { takeTurns } from '../src/rounds.ts'

test('contestants take turns, and each round begins with another one', async (t) => {
  const order: string[] = []
  const contestants = ['a', 'b', 'c'].map((id) => ({
    id,
    name: id,
    run: async () => {
      order.push(id)
      return order.length
    }
  }))
  const findings = await takeTurns(contestants, { rounds: 2, unit: 'requests/s', tell: () => undefined })
  t.equal(order.join(''), 'abcbca')
  t.same(
    findings.map(({ id, values, median }) => [id, values, median]),
    [
      ['a', [1, 6], 3.5],
      ['b', [2, 4], 3],
      ['c', [3, 5], 4]
    ]
  )
})

test('a contestant that fails has no value in that round, and the others go on', async (t) => {
  let turn = 0
  const flaky = async () => {
    turn += 1
    if (turn === 1) throw new Error('nobody listened')
    return turn
  }
  const contestants = [
    { id: 'flaky', name: 'flaky', run: flaky },
    { id: 'steady', name: 'steady', run: async () => 7 }
  ]
  const findings = await takeTurns(contestants, { rounds: 2, unit: 'requests/s', tell: () => undefined })
  t.match(findings, [
    { values: [2], median: 2, faults: ['nobody listened'] },
    { values: [7, 7], median: 7 }
  ])
})
