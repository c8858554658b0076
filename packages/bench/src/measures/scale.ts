import type { Context } from '../context.ts'
import { type Contestant, createFinding, type Finding, takeTurns } from '../rounds.ts'
import { fillRedis } from '../stack/fill-redis.ts'
import { startRedis } from '../stack/start-stack.ts'
import { createScaleCalls, type ScaleCalls } from './scale-calls.ts'
import type { Section } from './section.ts'

interface Size {
  readonly id: 'few' | 'many'
  readonly sessions: number
  readonly calls: ScaleCalls
}

/** The calls that are compared, and what their values are. */
const compared = [
  ['whoAmI', 'who am I, hot token', 'requests/s'],
  ['firstUse', 'who am I, first use of a token', 'requests/s'],
  ['revoke', 'revoke, p50', 'ms'],
  ['refresh', 'refresh', 'refreshes/s']
] as const satisfies readonly (readonly [keyof ScaleCalls, string, string])[]

/** Whether a call costs more when there are a thousand times the sessions, and what a session costs Redis. */
export async function measureScale(context: Context): Promise<Section> {
  await using scope = new AsyncDisposableStack()
  const { sessions, fewSessions } = context.options
  const findings: Finding[] = []
  const createSize = async (id: Size['id'], count: number): Promise<Size> => {
    const redisUrl = await startRedis(scope, context)
    const bytes = await fillRedis(context, redisUrl, count)
    findings.push(createFinding(`scale/redis-bytes-${id}`, `Redis per session, ${count} sessions`, 'bytes', [bytes]))
    return { id, sessions: count, calls: await createScaleCalls(scope, context, redisUrl) }
  }
  const sizes = [await createSize('few', fewSessions), await createSize('many', sessions)]

  for (const [call, title, unit] of compared) {
    const contestants = sizes.map((size): Contestant => {
      const run = size.calls[call]
      return { id: `scale/${call}-${size.id}`, name: `${title}, ${size.sessions} sessions`, pid: size.calls.pid, run }
    })
    findings.push(...(await takeTurns(contestants, { ...context.options, unit, tell: context.tell })))
  }
  return { title: 'Few sessions and many', findings }
}
