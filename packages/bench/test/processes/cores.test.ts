import { test } from 'tap'
import { pin, planCores } from '../../src/processes/cores.ts'

test('the measured process has a core to itself, whatever the number of cores', async (t) => {
  t.match(planCores(2, true), { server: '0', load: '1', neighbours: '1', all: '0-1' })
  t.match(planCores(8, true), { server: '0', load: '1', neighbours: '2-7', all: '0-7' })
})

test('nothing is pinned where it cannot be', async (t) => {
  t.same(Object.values(planCores(8, false)), [undefined, undefined, undefined, undefined])
  t.same(pin(undefined, ['wrk', '-c1']), ['wrk', '-c1'])
  t.same(pin('1', ['wrk', '-c1']), ['taskset', '-c', '1', 'wrk', '-c1'])
})
