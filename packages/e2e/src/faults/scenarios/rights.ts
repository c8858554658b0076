import { readFile } from 'node:fs/promises'
import { sessionContract } from '@latchkey/contracts/session'
import { verdictMessages } from '@latchkey/contracts/verdict'
import { changeNatsUser } from '../../nats-users.ts'
import { eventually } from '../../people.ts'
import { findLost } from '../lost-answers.ts'
import type { Platform, ServiceName } from '../platform.ts'
import type { Heal, Scenario } from '../scenario.ts'
import { readVerdicts } from '../verdict-modes.ts'

const MS = 5000
const RECOVER_MS = 10_000
const GATEWAYS = ['gateway-1', 'gateway-2'] as const

/** Changes what the running server says of one user, and gives it back. */
async function change({ nats }: Platform, user: string, how: (rights: string) => string): Promise<Heal> {
  await nats.reconfigure((text) => changeNatsUser(text, user, how))
  return () => nats.reconfigure()
}

const without = (right: string) => (rights: string) => rights.replace(`"${right}",`, '')

/** Findings where a service has not said it, or has said it more often than it happened. */
async function expectLine(platform: Platform, names: readonly ServiceName[], line: RegExp): Promise<string[]> {
  const findings = names.map(async (name) => {
    const lines = (await readFile(platform.service(name).logFile, 'utf8')).split('\n')
    const said = lines.filter((each) => line.test(each)).length
    return said === 1 ? [] : [`${name} said ${said} times ${line.source}`]
  })
  return (await Promise.all(findings)).flat()
}

/** A gateway that may not hear what has changed must not judge by what it keeps. */
function createDeafening(): Scenario {
  let meanwhile = ''
  return {
    name: 'nats-right-to-hear-lost',
    fault: 'the gateways lose the right to hear announcements while they run',
    forMs: MS,
    begin: async ({ platform }) => {
      const giveBack = await change(platform, 'gateway', without(verdictMessages.announced.subject))
      return async () => {
        meanwhile = await readVerdicts(platform)
        await giveBack()
      }
    },
    check: async ({ platform, during }) => {
      const after = await eventually(
        () => readVerdicts(platform),
        (verdicts) => verdicts === 'cached cached',
        RECOVER_MS
      )
      return [
        ...findLost(during, ['access']),
        ...(meanwhile === 'asking asking' ? [] : [`meanwhile verdicts of the gateways were ${meanwhile}`]),
        ...(after === 'cached cached' ? [] : [`afterwards verdicts of the gateways are ${after}`]),
        ...(await expectLine(platform, GATEWAYS, /"warn".*verdict\.announced.*subscription is refused/)),
        ...(await expectLine(platform, GATEWAYS, /verdict\.announced.*subscription is granted again/))
      ]
    }
  }
}

export const rightScenarios: readonly Scenario[] = [
  createDeafening(),
  {
    name: 'nats-right-to-answer-lost',
    fault: 'the session service loses the right to be asked about sessions while it runs',
    forMs: MS,
    refuses: ['access'],
    begin: ({ platform }) => change(platform, 'session', without(`${sessionContract.check.subject} session`)),
    check: ({ platform }) => expectLine(platform, ['session-1'], /"warn".*session\.check.*subscription is refused/)
  },
  {
    name: 'nats-credentials-revoked',
    fault: 'the bus knows the user of the gateways no more while they run',
    forMs: MS,
    refuses: ['access', 'signIn', 'revoke'],
    begin: ({ platform }) => change(platform, 'gateway', (rights) => rights.replace('user: gateway', 'user: nobody')),
    check: ({ platform }) =>
      expectLine(platform, GATEWAYS, /"warn".*(?:Authorization Violation|AUTHORIZATION_VIOLATION)/)
  }
]
