import { test } from 'tap'
import { judge } from '../../src/faults/judge.ts'
import type { Kind, Observed } from '../../src/faults/observed.ts'
import { findScarce } from '../../src/faults/served.ts'

const TIMES = { begunAt: 1000, healedAt: 2000 }
const STRICT = { patience: 1, sparedShare: 0 }

function see(kind: Kind, seen: Partial<Observed>): Observed {
  return { kind, gateway: 0, due: 1500, start: 1500, end: 1510, status: 200, verdict: 'good', detail: '200', ...seen }
}

const refused = see('access', { status: 0, verdict: 'broken', detail: 'connect ECONNREFUSED 127.0.0.1:1' })
const cut = see('access', { status: 0, verdict: 'broken', detail: 'read ECONNRESET' })
const busyFor503 = see('access', { status: 503, verdict: 'unavailable', detail: '503 unavailable' })

test('a gateway that is closed may refuse connections, and none that it has begun may be cut', async (t) => {
  const find = (observed: Observed) => judge([observed], TIMES, { closedGateways: [0] }, [], STRICT).findings
  t.same(find(refused), [])
  t.match(find(cut), [/^not answered: access read ECONNRESET/])
  t.match(find({ ...refused, gateway: 1 }), [/^not answered/])
  t.same(judge([cut], TIMES, { downGateways: [0] }, [], STRICT).findings, [])
})

test('what is to go on must not be refused, and what is to be refused must be so once', async (t) => {
  const find = (observed: readonly Observed[], rules: Parameters<typeof judge>[2]) =>
    judge(observed, TIMES, rules, [], STRICT).findings
  t.same(find([busyFor503], {}), [])
  t.match(find([busyFor503], { stays: ['access'] }), [/^not available though it should not be concerned/])
  t.match(find([see('access', {})], { refuses: ['access'] }), [/the fault did nothing/])
})

test('less than the share that has to be served is found, and so is what nobody asked for', async (t) => {
  const during = [see('access', {}), see('access', {}), busyFor503, see('signIn', {})]
  t.same(findScarce(during, { access: 0.6, signIn: 1 }), [])
  t.same(findScarce(during, { access: 0.7 }), ['67 % of access were served, not 70 %'])
  t.same(findScarce(during, { refresh: 0.5 }), ['nobody asked for refresh while it lasted'])
})
