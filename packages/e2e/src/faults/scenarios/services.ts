import { crash, freeze, repeat } from '../break.ts'
import type { Scenario } from '../scenario.ts'
import { describeServed, findScarce } from '../served.ts'

const MS = 4000
/** What a killed service had begun is lost, and whatever comes next goes to the other one. */
const SERVED = { access: 0.9, signIn: 0.8, refresh: 0.8, revoke: 0.8 }

export const serviceScenarios: readonly Scenario[] = [
  {
    name: 'gateway-killed',
    fault: 'one of two gateways is killed in the middle of its requests, and started again',
    forMs: MS,
    downGateways: [0],
    stays: ['access', 'signIn', 'register', 'refresh'],
    begin: ({ platform }) => crash(platform.service('gateway-1'))
  },
  {
    name: 'gateway-frozen',
    fault: 'one of two gateways is not run for a while, and then goes on',
    forMs: MS,
    downGateways: [0],
    stays: ['access', 'signIn', 'register', 'refresh'],
    begin: ({ platform }) => freeze(platform.service('gateway-1'))
  },
  {
    name: 'session-killed',
    fault: 'the only session service is killed, and started again',
    forMs: MS,
    refuses: ['access', 'signIn', 'refresh', 'revoke'],
    begin: ({ platform }) => crash(platform.service('session-1'))
  },
  {
    name: 'session-killed-again',
    fault: 'of two session services now one, now the other is killed at any moment',
    forMs: 0,
    topology: { session: 2 },
    rates: { revoke: 12, signIn: 12 },
    describe: ({ during }) => [describeServed(during, SERVED)],
    check: ({ during }) => findScarce(during, SERVED),
    begin: async ({ platform, random }) => {
      const names = ['session-1', 'session-2'] as const
      await repeat(2 * MS, () => crash(platform.service(random.pick(names))), {
        pauseMs: () => random.between(100, 900),
        lastsMs: () => random.between(0, 300)
      })
      return () => undefined
    }
  },
  {
    name: 'auth-killed',
    fault: 'the only auth service is killed while it hashes, and started again',
    forMs: MS,
    stays: ['access', 'refresh', 'revoke'],
    refuses: ['signIn', 'register'],
    begin: ({ platform }) => crash(platform.service('auth-1'))
  },
  {
    name: 'activity-killed',
    fault: 'the only activity service is killed, and started again',
    forMs: MS,
    stays: ['access', 'signIn', 'register', 'refresh', 'revoke'],
    begin: ({ platform }) => crash(platform.service('activity-1'))
  }
]
