import { cut, hold } from '../break.ts'
import type { Scenario } from '../scenario.ts'

export const linkScenarios: readonly Scenario[] = [
  {
    name: 'nats-cut-one-gateway',
    fault: 'one of two gateways loses NATS while clients still reach it',
    forMs: 5000,
    stays: ['signIn', 'access'],
    downGateways: [0],
    begin: ({ platform }) => cut([platform.link('gateway-1:nats')])
  },
  {
    name: 'nats-deaf-gateway',
    fault: 'one of two gateways hears nothing of NATS any more, and is still heard itself',
    forMs: 5000,
    stays: ['signIn', 'access'],
    downGateways: [0],
    begin: ({ platform }) => hold([platform.link('gateway-1:nats')], 'down')
  },
  {
    name: 'nats-mute-gateway',
    fault: 'one of two gateways is not heard any more, and hears everything itself',
    forMs: 5000,
    stays: ['signIn', 'access'],
    downGateways: [0],
    begin: ({ platform }) => hold([platform.link('gateway-1:nats')], 'up')
  }
]
