import { ok } from '@latchkey/contracts/errors'
import type { UserStates } from './ports.ts'
import { presentTime } from './present-time.ts'

/** When each of several users was last active, in the order given. */
export async function listLastActive(
  { states }: { readonly states: Pick<UserStates, 'listLastSeen'> },
  { userIds }: { readonly userIds: readonly string[] }
): Promise<{ readonly ok: true; readonly value: { times: (string | null)[] } }> {
  return ok({ times: (await states.listLastSeen(userIds)).map((ms) => presentTime(ms)) })
}
