/** ISO 8601 in UTC, `null` for a time that does not exist. */
export function presentTime(ms: number): string
export function presentTime(ms: number | undefined): string | null
export function presentTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString()
}
