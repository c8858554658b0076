import type { Finding } from '../rounds.ts'

export interface TargetResult {
  readonly target: string
  readonly wanted: string
  /** `null` where nothing was measured that tells. */
  readonly measured: number | null
  readonly holds: boolean | null
}

/** Answers the median of a finding; NaN when it was not measured. */
type Read = (id: string) => number

interface Target {
  readonly target: string
  readonly bound: { readonly atLeast: number } | { readonly atMost: number }
  readonly unit: string
  readonly measure: (read: Read) => number
}

const ratio = (id: string, base: string) => (read: Read) => read(id) / read(base)
const value = (id: string) => (read: Read) => read(id)

/** How much more a call costs among many sessions, by the rates or by the times it was measured in. */
function measureWorstGrowth(read: Read): number {
  const rates = ['whoAmI', 'firstUse', 'refresh'].map((call) => read(`scale/${call}-few`) / read(`scale/${call}-many`))
  return Math.max(...rates, read('scale/revoke-many') / read('scale/revoke-few'))
}

const hot = 'who-am-i/latchkey-hot'
const targets: readonly Target[] = [
  {
    target: 'who am I with a hot token, of bare Fastify',
    bound: { atLeast: 0.85 },
    unit: '×',
    measure: ratio(hot, 'who-am-i/bare-fastify')
  },
  {
    target: 'who am I over many tokens, of bare Fastify',
    bound: { atLeast: 0.7 },
    unit: '×',
    measure: ratio('who-am-i/latchkey-many', 'who-am-i/bare-fastify')
  },
  {
    target: 'who am I, of RS256 verification',
    bound: { atLeast: 4 },
    unit: '×',
    measure: ratio(hot, 'who-am-i/jwt-rs256')
  },
  {
    target: 'who am I, of express-session',
    bound: { atLeast: 5 },
    unit: '×',
    measure: ratio(hot, 'who-am-i/express-session')
  },
  {
    target: 'who am I, of better-auth with Redis',
    bound: { atLeast: 30 },
    unit: '×',
    measure: ratio(hot, 'who-am-i/better-auth')
  },
  { target: 'revoke p99, 3 gateways', bound: { atMost: 10 }, unit: 'ms', measure: value('revoke/3-gateways-p99') },
  {
    target: 'stale accepts',
    bound: { atMost: 0 },
    unit: '',
    measure: (read) => read('revoke/1-gateways-stale') + read('revoke/3-gateways-stale')
  },
  {
    target: 'sign-in, of the raw argon2 rate',
    bound: { atLeast: 0.9 },
    unit: '×',
    measure: ratio('sign-in/latchkey', 'sign-in/raw-argon2')
  },
  {
    target: 'refresh, of the raw signing rate',
    bound: { atLeast: 0.4 },
    unit: '×',
    measure: ratio('refresh/latchkey', 'refresh/raw-rs256')
  },
  { target: 'Redis per session', bound: { atMost: 600 }, unit: 'bytes', measure: value('scale/redis-bytes-many') },
  {
    target: 'gateway memory per verdict',
    bound: { atMost: 1000 },
    unit: 'bytes',
    measure: (read) => {
      const bytes = read('who-am-i/gateway-bytes-per-verdict')
      // Without growth nothing was kept, and nothing is known of what keeping costs.
      return bytes > 0 ? bytes : Number.NaN
    }
  },
  {
    target: 'a call among many sessions, of one among few',
    bound: { atMost: 1.1 },
    unit: '×',
    measure: measureWorstGrowth
  }
]

/** Each target with what was measured of it; what was left out this time is `null`. */
export function judgeTargets(findings: readonly Finding[]): TargetResult[] {
  const medians = new Map(findings.map(({ id, median }) => [id, median]))
  const read: Read = (id) => medians.get(id) ?? Number.NaN
  return targets.map(({ target, bound, unit, measure }) => {
    const measured = measure(read)
    const wanted = 'atLeast' in bound ? `≥ ${bound.atLeast} ${unit}` : `≤ ${bound.atMost} ${unit}`
    if (Number.isNaN(measured)) return { target, wanted: wanted.trim(), measured: null, holds: null }
    const holds = 'atLeast' in bound ? measured >= bound.atLeast : measured <= bound.atMost
    return { target, wanted: wanted.trim(), measured, holds }
  })
}
