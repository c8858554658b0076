/** How old a sign-in may be for its session to change what the user signs in with. */
const FRESH_SIGN_IN_MS = 10 * 60 * 1000

/** `authenticatedAt` in ISO 8601: when the session that asks was opened. */
export function isFreshSignIn(authenticatedAt: string, now: Date): boolean {
  return now.getTime() - Date.parse(authenticatedAt) <= FRESH_SIGN_IN_MS
}
