import { createHash } from 'node:crypto'

/** All that is kept of a token: it cannot be presented. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
