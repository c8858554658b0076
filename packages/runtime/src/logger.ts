import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger } from 'pino'

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface LoggerOptions {
  readonly service: string
  readonly level: LogLevel
  readonly destination?: DestinationStream
}

/** The second net: what is logged is chosen field by field, and these never pass even if somebody forgets. */
const SECRETS = [
  'password',
  'currentPassword',
  'newPassword',
  'token',
  'accessToken',
  'refreshToken',
  'secret',
  'cookie',
  'authorization'
]

/** Structured logs, one JSON object a line on standard output, times in UTC. */
export function createLogger({ service, level, destination }: LoggerOptions): Logger {
  const options = {
    level,
    base: { service },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
    serializers: { err: serializeError }
  }
  return pino(options, destination ?? openStandardOutput())
}

/** What waits to be written, in bytes, when nothing can be: what comes on top is lost. */
const MAX_WAITING_BYTES = 1024 * 1024

/** A service outlives its log: a full disk or a reader that has gone costs lines, and nothing else. */
function openStandardOutput(): DestinationStream {
  const output = pino.destination({ dest: 1, sync: true, maxLength: MAX_WAITING_BYTES })
  output.on('error', () => undefined)
  return output
}

/** Names fields one by one: errors of drivers carry queries, parameters and addresses in other ones. */
function serializeError(err: unknown): object {
  if (!(err instanceof Error)) return { message: 'a value that is not an error was thrown' }
  const code = 'code' in err && (typeof err.code === 'string' || typeof err.code === 'number') ? err.code : undefined
  return {
    type: err.name,
    message: err.message.slice(0, 300),
    stack: err.stack?.slice(0, 2000),
    ...(code === undefined ? {} : { code }),
    ...(err.cause instanceof Error ? { cause: { type: err.cause.name, message: err.cause.message.slice(0, 300) } } : {})
  }
}
