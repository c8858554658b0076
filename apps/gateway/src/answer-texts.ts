import type { Caller } from './caller.ts'

/** Some hundred callers at a time make most of the requests; the texts of all would take more room than all else. */
const CAPACITY = 1000

/** The body of an answer that depends on nothing but the caller. */
export interface AnswerText {
  readonly text: string
  /** In bytes, as its header field says it. */
  readonly length: string
}

interface Kept extends AnswerText {
  readonly usedAtMs: number
}

/** Answers that depend on nothing but the caller, as text: made again only when something about the caller moves. */
export function createAnswerTexts(make: (caller: Caller) => string): (caller: Caller) => AnswerText {
  const kept = new Map<Caller, Kept>()
  const seenOnce = new Set<Caller>()

  /** Many callers in turn would only push one another out. */
  const isSeenAgain = (caller: Caller): boolean => {
    if (seenOnce.delete(caller)) return true
    if (seenOnce.size >= CAPACITY) seenOnce.clear()
    seenOnce.add(caller)
    return false
  }

  return (caller) => {
    const { usedAtMs } = caller
    const known = kept.get(caller)
    if (known !== undefined && known.usedAtMs === usedAtMs) return known
    const text = make(caller)
    const made = { usedAtMs, text, length: String(Buffer.byteLength(text)) }
    if (known !== undefined || isSeenAgain(caller)) {
      if (kept.size >= CAPACITY) kept.clear()
      kept.set(caller, made)
    }
    return made
  }
}
