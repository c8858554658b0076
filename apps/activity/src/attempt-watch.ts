import type { Logger } from '@latchkey/runtime/logger'
import type { Metrics } from '@latchkey/runtime/metrics'
import { Counter } from '@prometheus-io/client'
import type { AttemptWatch } from './domain/attempt-ports.ts'

const TEXTS = {
  account: 'wrong attempts at one account have reached the limit',
  source: 'wrong attempts from one source have reached the limit',
  platform: 'many attempts fail on the whole platform'
} as const

/** Counts attempts at secrets for whoever scrapes, and writes a line for each limit that was reached. */
export function createAttemptWatch({ registry }: Pick<Metrics, 'registry'>, log: Pick<Logger, 'warn'>): AttemptWatch {
  const registers = [registry]
  const attempts = new Counter({
    name: 'latchkey_attempts_total',
    help: 'Attempts at secrets, by what became of them',
    labelNames: ['outcome'],
    registers
  })
  const alarms = new Counter({
    name: 'latchkey_attempt_alarms_total',
    help: 'Limits of attempts that were reached, by what they are of',
    labelNames: ['scope'],
    registers
  })
  return {
    settled: (outcome) => attempts.inc({ outcome }),
    refused: (by) => attempts.inc({ outcome: `refused_by_${by}` }),
    alarm: (scope, subject) => {
      alarms.inc({ scope })
      log.warn({ scope, ...(subject === undefined ? {} : { subject }) }, TEXTS[scope])
    }
  }
}
