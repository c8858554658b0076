import { test } from 'tap'
import { takeInSteps } from '../src/steps.ts'

test('a batch is taken in steps of one group each, none of them longer than allowed', async (t) => {
  const steps: string[] = []
  const groups = new Map([
    ['a', [1, 2, 3, 4, 5]],
    ['b', [6]],
    ['c', []]
  ])
  await takeInSteps(groups, 2, async (group, step) => void steps.push(`${group} ${step}`))
  t.same(steps, ['a 1,2', 'a 3,4', 'a 5', 'b 6'])
})

test('few steps are under way at once, and the others wait', async (t) => {
  const releases: (() => void)[] = []
  const groups = new Map([['a', Array.from({ length: 10 }, (_, place) => place)]])
  let done = 0
  const taken = takeInSteps(groups, 1, async () => {
    await new Promise<void>((resolve) => releases.push(resolve))
    done += 1
  })
  t.equal(releases.length, 4)
  while (done < 10) {
    t.ok(releases.length - done <= 4)
    releases[done]?.()
    await new Promise(setImmediate)
  }
  await taken
})

test('a step that fails is told, and keeps none of the others from being taken', async (t) => {
  const taken: number[] = []
  const take = async (_group: string, [item = 0]: readonly number[]) => {
    if (item === 2) throw new Error('two')
    taken.push(item)
  }
  await t.rejects(takeInSteps(new Map([['a', [1, 2, 3, 4, 5, 6]]]), 1, take), /two/)
  t.same(taken.toSorted(), [1, 3, 4, 5, 6])
})
