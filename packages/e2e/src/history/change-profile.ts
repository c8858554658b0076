import { setTimeout as delay } from 'node:timers/promises'
import { CHANGE_DEADLINE_MS, latestToken } from './account.ts'
import type { Random } from './random.ts'
import type { Recorder } from './recorder.ts'
import type { Ending } from './route.ts'

const CHANGES = 4
const NAME = /"firstName":"Change (\d+)"/

/**
 * Changes of the profile drop the user's verdicts everywhere: look-ups are under way when the end comes. Nobody may see
 * what was before one that was answered; after one whose outcome is unknown nothing is said of those that follow, since it
 * may overtake them.
 */
export async function changeProfile(
  { account, actor, gateway }: Ending,
  recorder: Pick<Recorder, 'noteChange'>,
  random: Random
): Promise<void> {
  let isCertain = true
  for (let change = 1; change <= CHANGES; change += 1) {
    const body = { firstName: `Change ${change}` }
    const question = { method: 'PATCH', path: '/v1/me', token: latestToken(actor), body }
    const { end, status } = await gateway.ask({ ...question, deadlineMs: CHANGE_DEADLINE_MS })
    isCertain &&= status === 200
    if (isCertain) recorder.noteChange({ sessions: account.sessions.map(({ id }) => id), change, end })
    await delay(random.between(1, 25))
  }
}

/** The change that an answer shows; 0 where it shows none. */
export function readChange(text: string): number {
  return Number(NAME.exec(text)?.[1] ?? 0)
}
