/**
 * `conflict`: worth another attempt. `unavailable`: the database, or a connection to it, is not there or too slow.
 * `text`: it cannot hold what was to be stored. `undefined`: a fault of ours.
 */
export type FailureClass = 'conflict' | 'unavailable' | 'text' | undefined

/** Serialization failure, deadlock. */
const CONFLICTS = new Set(['40001', '40P01'])
/** Character not in repertoire, untranslatable character, string too long. */
const UNSTORABLE = new Set(['22021', '22P05', '22001'])
/**
 * Query cancelled, lock not available, database not accepting connections, too many connections, read-only transaction; wrong password, no such database;
 * no such table or column, which means that a migration is pending.
 */
const UNAVAILABLE = new Set(['57014', '55P03', '55000', '53300', '25006', '28P01', '28000', '3D000', '42P01', '42703'])
/** Connection exceptions, out of resources, operator intervention, system errors. */
const UNAVAILABLE_CLASSES = ['08', '53', '57', '58']
const SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT'
])
/** Node's codes for a server that cannot prove who it is, or does not take us for who we are. */
const CERTIFICATE_CODE =
  /^(?:ERR_(?:TLS|SSL|OSSL)_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_|HOSTNAME_MISMATCH|PATH_LENGTH_)/
/** What the driver says without a code. */
const DRIVER_TEXTS = [
  'timeout exceeded when trying to connect',
  'Connection terminated',
  'Query read timeout',
  'Client has encountered a connection error',
  'SSL connection',
  'driver has already been destroyed'
]

export function classifyFailure(err: unknown): FailureClass {
  if (!(err instanceof Error)) return undefined
  const code = 'code' in err && typeof err.code === 'string' ? err.code : undefined
  if (code === undefined) return DRIVER_TEXTS.some((text) => err.message.includes(text)) ? 'unavailable' : undefined
  if (CONFLICTS.has(code)) return 'conflict'
  if (UNSTORABLE.has(code)) return 'text'
  const unavailable =
    UNAVAILABLE.has(code) || SYSTEM_CODES.has(code) || CERTIFICATE_CODE.test(code) || isUnavailableClass(code)
  return unavailable ? 'unavailable' : undefined
}

function isUnavailableClass(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && UNAVAILABLE_CLASSES.some((prefix) => code.startsWith(prefix))
}
