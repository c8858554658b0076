import type { Logger } from '@latchkey/runtime/logger'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { readRequestId } from './call.ts'
import { createProxyTrust } from './client-info.ts'
import { answerExpectation, answerParserError } from './parser-errors.ts'
import { answerProblem } from './plugins/problem-details.ts'

export interface ServerOptions {
  readonly logger: Logger
  readonly trustedProxies: readonly string[]
  /** Where they are to differ from `defaultTimeouts`. */
  readonly timeouts?: Partial<Timeouts>
}

/** How long a client may take, in milliseconds. */
export interface Timeouts {
  /** For the header of a request, and for all of it. */
  readonly headersMs: number
  readonly requestMs: number
  /** Without a byte in either direction while a request is under way: for one that does not read its answer. */
  readonly stalledMs: number
  /** How often the first two are looked at. */
  readonly checkMs: number
}

const BODY_LIMIT_BYTES = 16 * 1024
const MAX_HEADER_BYTES = 16 * 1024
const MAX_PARAM_LENGTH = 128
/** Streams of events say something every 15 s, and no route is silent for longer than a minute and a half. */
const defaultTimeouts: Timeouts = { headersMs: 5000, requestMs: 10_000, stalledMs: 120_000, checkMs: 1000 }
/** Longer than the common load balancers keep theirs, so that it is not ours that closes under a request. */
const KEEP_ALIVE_MS = 72_000

/** The HTTP server with everything that is bounded, before any plugin: sizes, times, types. */
export function createServer({ logger, trustedProxies, timeouts = {} }: ServerOptions): FastifyInstance {
  const { headersMs, requestMs, stalledMs, checkMs } = { ...defaultTimeouts, ...timeouts }
  const loggerInstance: FastifyBaseLogger = logger
  const app = Fastify({
    loggerInstance,
    // Lines name their request themselves; a child logger for each request would cost more than most requests log.
    childLoggerFactory: (parent) => parent,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: ({ headers }) => readRequestId(headers['x-request-id']),
    trustProxy: createProxyTrust(trustedProxies) ?? false,
    bodyLimit: BODY_LIMIT_BYTES,
    // What still comes while it is told to end is answered like anything else.
    return503OnClosing: false,
    requestTimeout: requestMs,
    connectionTimeout: stalledMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    http: {
      headersTimeout: headersMs,
      connectionsCheckingInterval: checkMs,
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
