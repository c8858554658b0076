import { verdictMessages } from '@latchkey/contracts/verdict'
import type { Way } from '../../history/conditions.ts'
import { cut, hold, repeat } from '../break.ts'
import type { Platform } from '../platform.ts'
import type { Heal, Scenario } from '../scenario.ts'
import { describeServed, findScarce } from '../served.ts'

const MS = 5000
const EVERYTHING = ['access', 'signIn', 'register', 'refresh', 'revoke', 'changePassword'] as const
const ANNOUNCED = verdictMessages.announced.subject
const ANSWERS = '_INBOX'
/** At once, and when much has changed since. */
const AGAIN_AFTER_MS = [100, 2500]
/** Hardly one in twenty waits so long for its reply that it is refused. */
const WHEN_OVERTAKEN = { access: 0.9, signIn: 0.8, refresh: 0.8, revoke: 0.8 }
/** At each moment one of two gateways has NATS; so few refresh that chance has a say. */
const BETWEEN_BLIPS = { access: 0.5, signIn: 0.4, refresh: 0.4, revoke: 0.4 }

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

/** What is done to messages, each of which is to be counted. */
interface Counted extends Pick<Scenario, 'name' | 'fault'> {
  readonly change: (note: () => void) => Partial<Way>
  /** What has happened to so many messages. */
  readonly tell: (count: number) => string
}

/** A fault that hits no message does nothing. */
function createCounted({ name, fault, change, tell }: Counted): Scenario {
  let count = 0
  const note = () => {
    count += 1
  }
  return {
    name,
    fault,
    forMs: MS,
    begin: ({ platform }) => {
      const changed = change(note)
      const healed = Object.fromEntries(Object.keys(changed).map((key) => [key, undefined]))
      return disturb(platform, changed, healed)
    },
    describe: () => [tell(count)],
    check: () => (count === 0 ? [`${tell(count)}: the fault did nothing`] : [])
  }
}

/** What is old when it comes again must not undo what is newer. */
function createRepeated({
  subject,
  ...told
}: Pick<Scenario, 'name' | 'fault'> & { readonly subject: string }): Scenario {
  return {
    ...createCounted({
      ...told,
      change: (note) => ({ repeatsSubject: { subject, afterMs: AGAIN_AFTER_MS, note } }),
      tell: (count) => `${count} messages came again, each ${AGAIN_AFTER_MS.length} times`
    }),
    stays: EVERYTHING
  }
}

function createOvertaken(): Scenario {
  const counted = createCounted({
    name: 'messages-overtaken',
    fault: 'one of twenty replies comes up to two seconds late, overtaken by others',
    change: (note) => ({ slowReplies: { chance: 0.05, minMs: 200, maxMs: 2000, note } }),
    tell: (count) => `${count} replies came late`
  })
  return {
    ...counted,
    describe: (seen) => [...(counted.describe?.(seen) ?? []), describeServed(seen.during, WHEN_OVERTAKEN)],
    check: async (seen) => [...((await counted.check?.(seen)) ?? []), ...findScarce(seen.during, WHEN_OVERTAKEN)]
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
    },
    describe: ({ during }) => [describeServed(during, BETWEEN_BLIPS)],
    check: ({ during }) => findScarce(during, BETWEEN_BLIPS)
  },
  {
    ...createCounted({
      name: 'announcements-lost',
      fault: 'one of three announcements that a verdict has changed is lost on its way to the gateways',
      change: (note) => ({ losesSubject: { subject: ANNOUNCED, chance: 0.3, note } }),
      tell: (count) => `${count} announcements were lost`
    }),
    stays: EVERYTHING
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
  createOvertaken()
]
