import type { Logger } from '@latchkey/runtime/logger'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { readRequestId } from './call.ts'
import { createProxyTrust } from './client-info.ts'
import { answerExpectation, answerParserError } from './parser-errors.ts'
import { answerProblem } from './plugins/problem-details.ts'

export interface ServerOptions {
  readonly logger: Logger
  readonly trustedProxies: readonly string[]
}

const BODY_LIMIT_BYTES = 16 * 1024
const MAX_HEADER_BYTES = 16 * 1024
const MAX_PARAM_LENGTH = 128
const HEADERS_TIMEOUT_MS = 5000
const REQUEST_TIMEOUT_MS = 10_000
const TIMEOUT_CHECK_MS = 1000
/** Longer than the common load balancers keep theirs, so that it is not ours that closes under a request. */
const KEEP_ALIVE_MS = 72_000

/** The HTTP server with everything that is bounded, before any plugin: sizes, times, types. */
export function createServer({ logger, trustedProxies }: ServerOptions): FastifyInstance {
  const loggerInstance: FastifyBaseLogger = logger
  const app = Fastify({
    loggerInstance,
    // Lines name their request themselves; a child logger for each request would cost more than most requests log.
    childLoggerFactory: (parent) => parent,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: ({ headers }) => readRequestId(headers['x-request-id']),
    trustProxy: createProxyTrust(trustedProxies) ?? false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      // Most requests have no body: nothing is set up to read one.
      optimizeEmptyRequests: true,
      requireHostHeader: false
    },
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allErrors: true, allowUnionTypes: true } },
    frameworkErrors: answerProblem,
    clientErrorHandler: answerParserError
  })
  app.server.on('checkExpectation', answerExpectation)
  return app
}
