import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { Logger } from './logger.ts'

const REQUEST_TIMEOUT_MS = 5000

/** The HTTP side of a service that is called over the bus: for those who ask how it is, whose requests are not logged. */
export function createProbeServer(logger: Logger): FastifyInstance {
  const loggerInstance: FastifyBaseLogger = logger
  const logController = new LogController({ disableRequestLogging: true })
  return Fastify({ loggerInstance, logController, requestTimeout: REQUEST_TIMEOUT_MS })
}
