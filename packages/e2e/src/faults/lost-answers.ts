import type { Kind } from './observed.ts'
import type { Seen } from './scenario.ts'

const MAX_LOST = 5

/**
 * Findings where more was refused than NATS loses with so many reloads: reading its configuration anew the server forgets
 * who may answer what is under way.
 */
export function findLost(during: Seen['during'], kinds: readonly Kind[], reloads = 1): string[] {
  const lost = during.filter(({ kind, verdict }) => kinds.includes(kind) && verdict === 'unavailable')
  const [first] = lost
  return lost.length > MAX_LOST * reloads
    ? [`${lost.length} requests were refused: ${first?.kind} ${first?.detail}`]
    : []
}
