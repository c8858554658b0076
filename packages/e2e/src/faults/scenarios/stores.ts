import { crashStore, cut, freeze, hold } from '../break.ts'
import type { Scenario } from '../scenario.ts'

const MS = 5000

export const storeScenarios: readonly Scenario[] = [
  {
    name: 'redis-down',
    fault: 'Redis is killed, and started again with what it had on disk',
    forMs: MS,
    refuses: ['access', 'signIn', 'refresh', 'revoke'],
    begin: ({ platform }) => crashStore(platform.redis)
  },
  {
    name: 'redis-hung',
    fault: 'Redis is frozen: connections stand, nothing is answered',
    forMs: MS,
    refuses: ['access', 'signIn', 'refresh', 'revoke'],
    begin: ({ platform }) => freeze(platform.redis)
  },
  {
    name: 'postgres-down',
    fault: 'all connections to PostgreSQL are reset, new ones refused',
    forMs: MS,
    stays: ['access', 'refresh', 'revoke'],
    refuses: ['signIn', 'register'],
    begin: ({ platform }) => cut(platform.linksTo('postgres'))
  },
  {
    name: 'postgres-hung',
    fault: 'PostgreSQL answers nothing, its connections stand',
    forMs: MS,
    stays: ['access', 'refresh', 'revoke'],
    refuses: ['signIn', 'register'],
    begin: ({ platform }) => hold(platform.linksTo('postgres'))
  },
  {
    name: 'nats-down',
    fault: 'NATS is killed, and started again',
    forMs: MS,
    refuses: ['access', 'signIn', 'refresh', 'revoke'],
    begin: ({ platform }) => crashStore(platform.nats)
  },
  {
    name: 'nats-hung',
    fault: 'NATS is frozen: connections stand, nothing is delivered',
    forMs: MS,
    refuses: ['access', 'signIn', 'refresh', 'revoke'],
    begin: ({ platform }) => freeze(platform.nats)
  }
]
