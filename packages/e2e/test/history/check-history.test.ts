import { test } from 'tap'
import { checkHistory, cutWindow, findWorstStaleness } from '../../src/history/check-history.ts'
import type { Disturbance, End, History, Outcome, Use } from '../../src/history/history.ts'

const use = (start: number, outcome: Outcome, changes: Partial<Use> = {}): Use => ({
  kind: 'use',
  session: 's',
  gateway: 0,
  outcome,
  start,
  end: start + 5,
  detail: '',
  isProbe: false,
  ...changes
})
const end = (start: number, at: number, changes: Partial<End> = {}): End => ({
  route: 'DELETE',
  sessions: ['s'],
  outcome: 'ok',
  start,
  end: at,
  detail: '204',
  ...changes
})
const fault = (start: number, until: number): Disturbance => ({ name: 'cut', start, end: until })
const history = (changes: Partial<History>): History => ({
  uses: [],
  ends: [],
  changes: [],
  disturbances: [],
  recovery: undefined,
  gateways: 2,
  ...changes
})
const invariants = (changes: Partial<History>) => checkHistory(history(changes)).map(({ invariant }) => invariant)

test('I1: what began after the end was answered is not accepted', async (t) => {
  const uses = [use(10, 'accepted'), use(119, 'accepted'), use(121, 'accepted')]
  t.same(invariants({ uses, ends: [end(100, 120)] }), ['I1'])
  t.equal(findWorstStaleness({ uses, ends: [end(100, 120)] }), 1)
  t.same(invariants({ uses: uses.slice(0, 2), ends: [end(100, 120)] }), [], 'what was running may finish')
})

test('I1: the first answered ending counts, and an ending of many ends each of them', async (t) => {
  const ends = [end(100, 900), end(110, 200, { sessions: ['other', 's'] })]
  t.same(invariants({ uses: [use(300, 'accepted')], ends }), ['I1'])
})

test('I2: a gateway that has refused an ended session accepts it no more', async (t) => {
  const uses = [use(130, 'refused'), use(140, 'accepted')]
  t.same(invariants({ uses, ends: [end(100, 120)] }), ['I1', 'I2'])
  const elsewhere = [use(130, 'refused'), use(140, 'accepted', { gateway: 1 })]
  t.same(invariants({ uses: elsewhere, ends: [end(100, 120)] }), ['I1'])
})

test('I3: every ended session is shown to be dead at each gateway, and so is its refresh token', async (t) => {
  const ends = [end(100, 120)]
  const recovery = { liveAfterMs: 10, hitRatio: 0.99 }
  const probes = [
    use(500, 'refused', { isProbe: true }),
    use(500, 'refused', { isProbe: true, gateway: 1 }),
    use(500, 'refused', { isProbe: true, kind: 'refresh' })
  ]
  t.same(invariants({ uses: probes, ends, recovery }), [])
  for (const missing of probes) {
    t.same(invariants({ uses: probes.filter((each) => each !== missing), ends, recovery }), ['I3'])
  }
  const heir = use(600, 'accepted', { isProbe: true, kind: 'refresh' })
  t.same(invariants({ uses: [...probes, heir], ends, recovery }), ['I3', 'I2'].toSorted().toReversed())
})

test('I4: nobody is refused whose session nobody has begun to end', async (t) => {
  t.same(invariants({ uses: [use(10, 'refused')] }), ['I4'])
  t.same(invariants({ uses: [use(10, 'refused')], ends: [end(14, 30)] }), [], 'begun before the refusal was answered')
  t.same(invariants({ uses: [use(10, 'refused')], ends: [end(16, 30)] }), ['I4'])
  t.same(invariants({ uses: [use(10, 'refused')], ends: [end(4, 30, { sessions: ['other'] })] }), ['I4'])
  t.same(invariants({ uses: [use(10, 'improper')], disturbances: [fault(0, 50)] }), ['I4'], 'no fault excuses a 500')
})

test('I4: who is blocked is told so', async (t) => {
  const ends = [end(100, 120, { by: 'block' })]
  const told = (detail: string) => use(130, 'refused', { detail })
  t.same(
    invariants({ ends, uses: [told('403 user_blocked'), use(115, 'refused', { detail: '401 session_ended' })] }),
    []
  )
  t.same(invariants({ ends, uses: [told('401 session_ended')] }), ['I4'])
  t.same(invariants({ ends: [end(100, 120)], uses: [told('401 session_ended')] }), [])
})

test('I4: nothing is unavailable but during a fault and shortly after it', async (t) => {
  for (const outcome of ['unavailable', 'unknown'] as const) {
    t.same(invariants({ uses: [use(10, outcome)] }), ['I4'])
    t.same(invariants({ uses: [use(10, outcome)], disturbances: [fault(12, 50)] }), [])
    t.same(invariants({ uses: [use(5000, outcome)], disturbances: [fault(12, 50)] }), [])
    t.same(invariants({ uses: [use(5100, outcome)], disturbances: [fault(12, 50)] }), ['I4'])
  }
})

test('I5: gateways answer from memory again soon after the last fault', async (t) => {
  t.same(invariants({ recovery: { liveAfterMs: 4999, hitRatio: 0.91 } }), [])
  t.same(invariants({ recovery: { liveAfterMs: Number.POSITIVE_INFINITY, hitRatio: 0.91 } }), ['I5'])
  t.same(invariants({ recovery: { liveAfterMs: 10, hitRatio: 0.9 } }), ['I5'])
})

test('I6: an ending of unknown outcome constrains nothing until one is answered', async (t) => {
  const unknown = end(100, 120, { outcome: 'info' })
  const uses = [use(110, 'refused'), use(130, 'accepted', { gateway: 1 }), use(140, 'refused')]
  t.same(invariants({ uses, ends: [unknown] }), [])
  t.same(invariants({ uses: [...uses, use(210, 'accepted')], ends: [unknown, end(150, 200)] }), ['I1'])
})

test('I8: no refresh that began after the end succeeds', async (t) => {
  const refresh = (start: number) => use(start, 'accepted', { kind: 'refresh' })
  t.same(invariants({ uses: [refresh(110)], ends: [end(100, 120)] }), [])
  t.same(invariants({ uses: [refresh(121)], ends: [end(100, 120)] }), ['I8'])
})

test('I10: a change of the profile that was answered is seen by whoever asks afterwards', async (t) => {
  const changes = [
    { sessions: ['other', 's'], change: 1, end: 100 },
    { sessions: ['s'], change: 2, end: 200 }
  ]
  const shown = (start: number, change: number) => use(start, 'accepted', { change })
  t.same(invariants({ changes, uses: [shown(99, 0), shown(150, 1), shown(199, 1), shown(201, 2), shown(300, 3)] }), [])
  t.same(invariants({ changes, uses: [shown(101, 0)] }), ['I10'])
  t.same(invariants({ changes, uses: [shown(201, 1)] }), ['I10'])
  t.same(invariants({ changes, uses: [use(201, 'accepted', { kind: 'refresh' })] }), [], 'tokens show no profile')
})

test('violations come in the order of time, and a window shows what happened around one', async (t) => {
  const ends = [end(100, 120), end(100, 120, { sessions: ['other'] })]
  const uses = [use(90_000, 'accepted'), use(200, 'accepted'), use(201, 'accepted', { session: 'other' })]
  const whole = history({ uses, ends, disturbances: [fault(0, 50), fault(50_000, 50_100)] })
  const violations = checkHistory(whole)
  t.same(
    violations.map(({ at }) => at),
    [200, 201, 90_000]
  )
  const [first] = violations
  if (first === undefined) throw new Error('no violation')
  const window = cutWindow(whole, first)
  t.same(window.uses, [use(200, 'accepted')])
  t.same(window.ends, [end(100, 120)])
  t.same(window.disturbances, [fault(0, 50)])
})
