/** Steps under way at once: a batch is never urgent, and whoever waits for an answer goes first. */
const AT_ONCE = 4

/**
 * Does a long batch in steps, each of items of one group and of no more than `longest`, since Redis serves nobody else
 * meanwhile. `take` is told how many milliseconds its step has waited. Rejects as soon as a step fails; the others are
 * taken all the same.
 */
export async function takeInSteps<Group, Item>(
  groups: ReadonlyMap<Group, readonly Item[]>,
  longest: number,
  take: (group: Group, step: readonly Item[], waitedMs: number) => Promise<void>
): Promise<void> {
  const receivedAt = performance.now()
  const steps = cut(groups, longest).values()
  const work = async (): Promise<void> => {
    // All workers take from the same steps.
    for (const [group, step] of steps) await take(group, step, Math.round(performance.now() - receivedAt))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

function cut<Group, Item>(groups: ReadonlyMap<Group, readonly Item[]>, longest: number) {
  return [...groups].flatMap(([group, items]) => {
    const count = Math.ceil(items.length / longest)
    return Array.from({ length: count }, (_, place) => {
      return [group, items.slice(place * longest, (place + 1) * longest)] as const
    })
  })
}
