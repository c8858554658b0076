import type { Answered } from '../history/gateway-client.ts'

/** More under way than this are left out: whoever asks has to live on, too. */
const MAX_UNDER_WAY = 4000
const TICK_MS = 5

export interface OpenLoop {
  /** Asks no more, and resolves to all answers once they are there. */
  stop(): Promise<readonly Answered[]>
  /** Requests that were due and left out. */
  readonly skipped: number
}

/** Asks so often a second, however long answers take. */
export function askAtRate(perSecond: number, ask: () => Promise<Answered>): OpenLoop {
  const answers: Answered[] = []
  const underWay = new Set<Promise<void>>()
  const startedAt = performance.now()
  let due = 0
  let skipped = 0
  const timer = setInterval(() => {
    const wanted = ((performance.now() - startedAt) / 1000) * perSecond
    for (; due < wanted; due += 1) {
      if (underWay.size >= MAX_UNDER_WAY) {
        skipped += 1
        continue
      }
      const task = ask()
        .then((answered) => void answers.push(answered))
        .finally(() => underWay.delete(task))
      underWay.add(task)
    }
  }, TICK_MS)
  return {
    get skipped() {
      return skipped
    },
    stop: async () => {
      clearInterval(timer)
      while (underWay.size > 0) await Promise.all(underWay)
      return answers
    }
  }
}

/** How many are served in a second when so many ask without a pause; `ask` says whether one was. */
export async function measureKnee(atOnce: number, ms: number, ask: () => Promise<boolean>): Promise<number> {
  const startedAt = performance.now()
  let served = 0
  const next = async () => {
    while (performance.now() - startedAt < ms) if (await ask()) served += 1
  }
  await Promise.all(Array.from({ length: atOnce }, next))
  return (served * 1000) / (performance.now() - startedAt)
}
