import type { Use, UserStates } from './ports.ts'

/** Takes activity that others have admitted by a kept verdict. It comes late, and neither ends nor prevents a block. */
export async function touchUsers(
  { states }: { readonly states: Pick<UserStates, 'touch'> },
  uses: readonly Use[]
): Promise<void> {
  const latest = new Map<string, number>()
  for (const { userId, ageMs } of uses) latest.set(userId, Math.min(ageMs, latest.get(userId) ?? ageMs))
  await states.touch(Array.from(latest, ([userId, ageMs]) => ({ userId, ageMs })))
}
