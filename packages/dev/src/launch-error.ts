/** A failure a person can cure: `message` is one line that says what, the likely cause and the cure. */
export class LaunchError extends Error {
  override readonly name: string = 'LaunchError'
}

/** The first line of any error, for a place that has one line only. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return (text || code).split('\n')[0] ?? ''
}
