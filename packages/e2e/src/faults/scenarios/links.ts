import { verdictMessages } from '@latchkey/contracts/verdict'
import type { Way } from '../../history/conditions.ts'
import { cut, hold, repeat } from '../break.ts'
import type { Platform } from '../platform.ts'
import type { Heal, Scenario } from '../scenario.ts'

const MS = 5000
const EVERYTHING = ['access', 'signIn', 'register', 'refresh', 'revoke', 'changePassword'] as const
const ANNOUNCED = verdictMessages.announced.subject
const ANSWERS = '_INBOX'
/** At once, and when much has changed since. */
const AGAIN_AFTER_MS = [100, 2500]

/** Changes what the links of the gateways to NATS do with what comes. */
function disturb({ linksTo }: Platform, change: Partial<Way>, healed: Partial<Way>): Heal {
  const ways = linksTo('nats')
    .filter(({ name }) => name.startsWith('gateway'))
    .map(({ conditions }) => conditions.down)
  for (const way of ways) Object.assign(way, change)
  return () => {
    for (const way of ways) Object.assign(way, healed)
  }
}

interface Repeated {
  readonly name: string
  readonly fault: string
  readonly subject: string
}

/** What is old when it comes again must not undo what is newer. */
function createRepeated({ name, fault, subject }: Repeated): Scenario {
  let repeated = 0
  const note = () => {
    repeated += 1
  }
  return {
    name,
    fault,
    forMs: MS,
    stays: EVERYTHING,
    begin: ({ platform }) =>
      disturb(platform, { repeatsSubject: { subject, afterMs: AGAIN_AFTER_MS, note } }, { repeatsSubject: undefined }),
    describe: () => [`${repeated} messages came again, each ${AGAIN_AFTER_MS.length} times`],
    check: () => (repeated === 0 ? ['no message came again: the fault did nothing'] : [])
  }
}

export const linkScenarios: readonly Scenario[] = [
  {
    name: 'nats-cut-one-gateway',
    fault: 'one of two gateways loses NATS while clients still reach it',
    forMs: MS,
    stays: ['signIn', 'access'],
    downGateways: [0],
    begin: ({ platform }) => cut([platform.link('gateway-1:nats')])
  },
  {
    name: 'nats-deaf-gateway',
    fault: 'one of two gateways hears nothing of NATS any more, and is still heard itself',
    forMs: MS,
    stays: ['signIn', 'access'],
    downGateways: [0],
    begin: ({ platform }) => hold([platform.link('gateway-1:nats')], 'down')
  },
  {
    name: 'nats-mute-gateway',
    fault: 'one of two gateways is not heard any more, and hears everything itself',
    forMs: MS,
    stays: ['signIn', 'access'],
    downGateways: [0],
    begin: ({ platform }) => hold([platform.link('gateway-1:nats')], 'up')
  },
  {
    name: 'nats-blips',
    fault: 'both gateways lose NATS for moments, again and again',
    forMs: 0,
    begin: async ({ platform, random }) => {
      const links = [platform.link('gateway-1:nats'), platform.link('gateway-2:nats')]
      await repeat(MS, () => cut([random.pick(links)]), {
        pauseMs: () => random.between(100, 500),
        lastsMs: () => random.between(20, 700)
      })
      return () => undefined
    }
  },
  {
    name: 'announcements-lost',
    fault: 'one of three announcements that a verdict has changed is lost on its way to the gateways',
    forMs: MS,
    stays: EVERYTHING,
    begin: ({ platform }) =>
      disturb(platform, { losesSubject: { subject: ANNOUNCED, chance: 0.3 } }, { losesSubject: undefined })
  },
  createRepeated({
    name: 'announcements-repeated',
    fault: 'each announcement that a verdict has changed reaches the gateways three times, at last seconds late',
    subject: ANNOUNCED
  }),
  createRepeated({
    name: 'answers-repeated',
    fault: 'each answer reaches the gateways three times, at last seconds late',
    subject: ANSWERS
  }),
  {
    name: 'messages-overtaken',
    fault: 'one of twenty replies comes up to two seconds late, overtaken by others',
    forMs: MS,
    begin: ({ platform }) =>
      disturb(platform, { slowReplies: { chance: 0.05, minMs: 200, maxMs: 2000 } }, { slowReplies: undefined })
  }
]
