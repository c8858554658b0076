import type { Finding } from '../rounds.ts'

/** What one measure found, as it is printed. */
export interface Section {
  readonly title: string
  readonly findings: readonly Finding[]
  /** Id of the finding that the others are divided by. */
  readonly baseId?: string
  readonly notes?: readonly string[]
}
