import type { attemptsContract } from '@latchkey/contracts/attempts'
import type { Handlers } from '@latchkey/contracts/define'
import type { AttemptDeps } from './domain/attempt-ports.ts'
import { forgiveAttempts } from './domain/forgive-attempts.ts'
import { settleAttempt } from './domain/settle-attempt.ts'
import { takeAttempt } from './domain/take-attempt.ts'
import { answer } from './handlers.ts'

export function createAttemptHandlers(deps: AttemptDeps): Handlers<typeof attemptsContract> {
  return {
    take: (request) => answer(takeAttempt(deps, request)),
    settle: (request) => answer(settleAttempt(deps, request)),
    forgive: (request) => answer(forgiveAttempts(deps, request))
  }
}
