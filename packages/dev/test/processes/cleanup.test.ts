import { test } from 'tap'
import { createCleanup } from '../../src/processes/cleanup.ts'

test('what was started last is ended first, also when a step fails', async (t) => {
  const ended: string[] = []
  const cleanup = createCleanup((error) => ended.push(String(error)))
  await cleanup.defer(() => void ended.push('first'))
  await cleanup.defer(() => Promise.reject(new Error('second')))
  await cleanup.defer(() => void ended.push('third'))
  await Promise.all([cleanup.run(), cleanup.run()])
  t.same(ended, ['third', 'Error: second', 'first'])
})

test('what comes up after the end has begun is ended at once', async (t) => {
  const cleanup = createCleanup(() => undefined)
  await cleanup.run()
  let isEnded = false
  await cleanup.defer(() => {
    isEnded = true
  })
  t.equal(isEnded, true)
})
