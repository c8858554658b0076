import { isIP } from 'node:net'
import {
  type ConfigOf,
  integer,
  list,
  oneOf,
  optional,
  port,
  seconds,
  text,
  url,
  type Variable
} from '@latchkey/runtime/config'
import { LOG_LEVELS } from '@latchkey/runtime/logger'

const PUBLIC_URL_EXPECTED = 'the https URL people reach this gateway by (http only on a loopback address)'

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

function isLoopback(hostname: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}

/** Over plain http nobody's cookies could be Secure, so production takes it only where it cannot leave the machine. */
const productionPublicUrl: Variable<string> = {
  parse: (value) => {
    const accepted = url(['https', 'http']).parse(value)
    if (accepted === undefined) return undefined
    const { protocol, hostname } = new URL(accepted)
    return protocol === 'https:' || isLoopback(hostname) ? accepted : undefined
  },
  expected: PUBLIC_URL_EXPECTED
}

export const variables = {
  NODE_ENV: oneOf(['development', 'test', 'production'], 'development'),
  LOG_LEVEL: oneOf(LOG_LEVELS, 'info'),
  NATS_URL: url(['nats', 'tls'], undefined, { several: true }),
  GATEWAY_PORT: port(3000),
  GATEWAY_HOST: text({ minLength: 1, what: 'a host name or an address' }, 'localhost'),
  GATEWAY_MANAGEMENT_PORT: optional(port()),
  PUBLIC_URL: url(['http', 'https'], 'http://127.0.0.1:3000'),
  TRUSTED_PROXIES: list(isNetwork, 'networks like 10.0.0.0/8'),
  ALLOWED_ORIGINS: list(isOrigin, 'origins like https://app.example.com'),
  TOKEN_ISSUER: text({ minLength: 1, what: 'the issuer named in tokens' }, 'latchkey'),
  TOKEN_AUDIENCE: text({ minLength: 1, what: 'the audience named in tokens' }, 'latchkey'),
  ACCESS_TOKEN_TTL: seconds({ min: 2, max: 900 }, 600),
  DIALECTS: optional(list((item) => /^[a-z-]{1,40}$/.test(item), 'names of dialects')),
  SERVICE_KEY: optional(text({ minLength: 16, what: 'at least 16 characters' }))
}

export type Config = ConfigOf<typeof variables>

/** The variables as this environment has to give them: production names its public address itself. */
export function variablesOf(environment: { readonly NODE_ENV?: string | undefined }): typeof variables {
  return environment.NODE_ENV === 'production' ? { ...variables, PUBLIC_URL: productionPublicUrl } : variables
}
