import { openNatsTransport } from '@latchkey/messaging/nats'
import type { Transport } from '@latchkey/messaging/transport'
import type { Logger } from '@latchkey/runtime/logger'
import { getTls } from '@latchkey/runtime/tls'
import type { Config } from './config.ts'

/** Whoever opens it closes it. */
export function openBus(config: Config, logger: Logger): Transport {
  return openNatsTransport({
    url: config.NATS_URL,
    tls: getTls('NATS', config),
    name: 'activity',
    replicas: config.EVENT_REPLICAS,
    log: logger
  })
}
