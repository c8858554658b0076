import type { FastifyReply } from 'fastify'
import type { Caller } from './caller.ts'

/** Some hundred callers at a time make most of the requests; the texts of all would take more room than all else. */
const CAPACITY = 1000

interface Kept {
  readonly usedAtMs: number
  readonly text: string
}

/** Answers that depend on nothing but the caller, as text: made again only when something about the caller moves. */
export function createAnswerTexts(make: (caller: Caller, reply: FastifyReply) => string) {
  const kept = new Map<Caller, Kept>()

  return (caller: Caller, reply: FastifyReply): string => {
    const { usedAtMs } = caller
    const known = kept.get(caller)
    if (known !== undefined && known.usedAtMs === usedAtMs) return known.text
    const text = make(caller, reply)
    if (kept.size >= CAPACITY) kept.clear()
    kept.set(caller, { usedAtMs, text })
    return text
  }
}
