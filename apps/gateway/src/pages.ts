import type { ErrorCode, Result } from '@latchkey/contracts/errors'
import { unwrap } from './errors.ts'

interface Page<T> {
  readonly items: readonly T[]
  readonly nextCursor: string | null
}

/** All items of a list that is bounded by its owner; throws the failure of a page. */
export async function collectPages<T>(
  list: (cursor: string | null) => Promise<Result<Page<T>, ErrorCode>>
): Promise<T[]> {
  const items: T[] = []
  let cursor: string | null = null
  do {
    const page: Page<T> = unwrap(await list(cursor))
    items.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return items
}
