import { test } from 'tap'
import { median, quantile } from '../src/statistics.ts'

test('the median of an even number of values lies between the middle two', async (t) => {
  t.equal(median([4, 1, 3, 2]), 2.5)
  t.equal(median([9, 1, 5]), 5)
})

test('a quantile is one of the values, and the highest at the end', async (t) => {
  const values = Array.from({ length: 100 }, (_, i) => i)
  t.equal(quantile(values, 0.99), 99)
  t.equal(quantile(values, 0.5), 50)
  t.equal(quantile(values, 1), 99)
})

test('nothing has no middle', async (t) => {
  t.ok(Number.isNaN(median([])))
  t.ok(Number.isNaN(quantile([], 0.5)))
})
