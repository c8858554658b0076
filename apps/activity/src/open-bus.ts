import { openNatsTransport } from '@latchkey/messaging/nats'
import type { Transport } from '@latchkey/messaging/transport'
import type { Logger } from '@latchkey/runtime/logger'
import { getBus } from '@latchkey/runtime/service-config'
import type { Config } from './config.ts'

/** The bus, for a command of this service. Whoever opens it closes it. */
export function openBus(config: Config, log: Logger): Transport {
  return openNatsTransport(getBus('activity', config, log))
}
