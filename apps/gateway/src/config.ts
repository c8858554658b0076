import { isIP } from 'node:net'
import {
  type ConfigOf,
  type Environment,
  integer,
  list,
  optional,
  port,
  productionPublicUrl,
  publicUrl,
  seconds,
  text,
  tokenClaim,
  unguessable,
  type Variable
} from '@latchkey/runtime/config'
import { productionServiceVariables, serviceVariables } from '@latchkey/runtime/service-config'
import { DIALECT_NAMES, type DialectName } from './dialects/names.ts'

/** An origin as browsers send it: scheme, host and port, nothing after. */
function isOrigin(item: string): boolean {
  return URL.canParse(item) && /^https?:$/.test(new URL(item).protocol) && new URL(item).origin === item
}

/** `10.0.0.0/8`, `fd00::/8` or a single address. */
function isNetwork(item: string): boolean {
  const [address = '', prefix, ...rest] = item.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return prefix === undefined || integer({ min: 0, max: family === 4 ? 32 : 128 }).parse(prefix) !== undefined
}

function readDialects(value: string): readonly DialectName[] | undefined {
  if (value === 'none') return []
  if (value === 'all') return DIALECT_NAMES
  const items = value.split(',').map((item) => item.trim())
  const names = DIALECT_NAMES.filter((name) => items.includes(name))
  return items.every((item) => names.some((name) => name === item)) ? names : undefined
}

const dialects: Variable<readonly DialectName[]> = {
  parse: readDialects,
  expected: `all, none or some of ${DIALECT_NAMES.join(', ')}, separated by commas`,
  fallback: { value: DIALECT_NAMES }
}

const serviceKey = text({ minLength: 32, what: 'a secret of at least 32 characters' })

export const variables = {
  ...serviceVariables,
  GATEWAY_PORT: port(3000),
  GATEWAY_HOST: text({ minLength: 1, what: 'a host name or an address' }, 'localhost'),
  GATEWAY_MANAGEMENT_PORT: optional(port()),
  /** How long it goes on serving once it has been told to end, in milliseconds, while `/readyz` says so. */
  DRAIN_DELAY: integer({ min: 0, max: 5000 }, 0),
  PUBLIC_URL: publicUrl,
  TRUSTED_PROXIES: list(isNetwork, 'networks like 10.0.0.0/8'),
  ALLOWED_ORIGINS: list(isOrigin, 'origins like https://app.example.com'),
  TOKEN_ISSUER: tokenClaim('issuer', 'latchkey'),
  TOKEN_AUDIENCE: tokenClaim('audience', 'latchkey'),
  ACCESS_TOKEN_TTL: seconds({ min: 2, max: 900 }, 600),
  DIALECTS: dialects,
  SERVICE_KEY: optional(serviceKey),
  /**
   * Requests of one source within a minute that one gateway answers: those that hash, mail or judge a secret; and
   * refreshes, lists of sessions and addresses where nothing is. On a machine of one's own nothing has to be kept out.
   */
  RATE_LIMIT_CREDENTIALS: integer({ min: 1, max: 1_000_000_000 }, 100_000),
  RATE_LIMIT_REQUESTS: integer({ min: 1, max: 1_000_000_000 }, 1_000_000)
}

export type Config = ConfigOf<typeof variables>

/**
 * The variables as this environment has to give them: production names its public address itself, serves none of the
 * older interfaces unless asked to, and the one for trusted servers with their key only.
 */
export function getVariables({ NODE_ENV, DIALECTS }: Environment): typeof variables {
  if (NODE_ENV !== 'production') return variables
  const wantsKey = readDialects(DIALECTS ?? '')?.includes('device-sessions') === true
  return {
    ...variables,
    ...productionServiceVariables,
    DRAIN_DELAY: integer({ min: 0, max: 5000 }, 2000),
    PUBLIC_URL: productionPublicUrl,
    DIALECTS: { ...variables.DIALECTS, fallback: { value: [] } },
    SERVICE_KEY: wantsKey ? unguessable(serviceKey) : optional(unguessable(serviceKey)),
    RATE_LIMIT_CREDENTIALS: { ...variables.RATE_LIMIT_CREDENTIALS, fallback: { value: 300 } },
    RATE_LIMIT_REQUESTS: { ...variables.RATE_LIMIT_REQUESTS, fallback: { value: 3000 } }
  }
}

export function getRateLimits({ RATE_LIMIT_CREDENTIALS, RATE_LIMIT_REQUESTS }: Config) {
  return { credentials: RATE_LIMIT_CREDENTIALS, requests: RATE_LIMIT_REQUESTS }
}
