/** One environment variable: how its text becomes a value, and what to tell a person whose text does not. */
export interface Variable<T> {
  /** `undefined` for text that is not acceptable. */
  readonly parse: (text: string) => T | undefined
  /** Completes the sentence "NAME must be …". */
  readonly expected: string
  /** Used when the variable is unset or empty; a variable without one is required. */
  readonly fallback?: { readonly value: T }
}

export type Variables = Readonly<Record<string, Variable<unknown>>>
export type ConfigOf<V extends Variables> = { readonly [K in keyof V]: V[K] extends Variable<infer T> ? T : never }
/** The variables that such a configuration is read from. */
export type VariablesOf<C> = { readonly [K in keyof C]: Variable<C[K]> }
export type Environment = Readonly<Record<string, string | undefined>>

/** Names every variable at fault in one line, and never a value: it may be a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** Reads all variables, or throws one `ConfigError` that names each that is missing or wrong. */
export function readConfig<C>(variables: VariablesOf<C>, environment: Environment): C {
  const faults: string[] = []
  const entries = Object.entries<Variable<unknown>>(variables).map(([name, variable]) => {
    const text = environment[name]
    if (text === undefined || text === '') {
      if (variable.fallback === undefined) faults.push(`${name} is missing (${variable.expected})`)
      return [name, variable.fallback?.value]
    }
    const value = variable.parse(text)
    if (value === undefined) faults.push(`${name} must be ${variable.expected}`)
    return [name, value]
  })
  if (faults.length > 0) throw new ConfigError(`configuration: ${faults.join('; ')}`)
  return Object.fromEntries(entries)
}

function define<T>(parse: Variable<T>['parse'], expected: string, fallback?: T): Variable<T> {
  return fallback === undefined ? { parse, expected } : { parse, expected, fallback: { value: fallback } }
}

/** A variable that may be left out: `undefined` then. */
export function optional<T>({ parse, expected }: Variable<T>): Variable<T | undefined> {
  return { parse, expected, fallback: { value: undefined } }
}

export interface Range {
  readonly min: number
  readonly max: number
}

/** Whole decimal number without sign, exponent or spaces. */
export function integer({ min, max }: Range, fallback?: number): Variable<number> {
  return define((text) => within(text, /^\d{1,15}$/, min, max), `a whole number from ${min} to ${max}`, fallback)
}

/** Decimal number, `0.5`. */
export function decimal({ min, max }: Range, fallback?: number): Variable<number> {
  return define((text) => within(text, /^\d{1,12}(\.\d{1,6})?$/, min, max), `a number from ${min} to ${max}`, fallback)
}

function within(text: string, pattern: RegExp, min: number, max: number): number | undefined {
  if (!pattern.test(text)) return undefined
  const value = Number(text)
  return value >= min && value <= max ? value : undefined
}

/** A TCP port; 0 takes any free one. */
export function port(fallback?: number): Variable<number> {
  return integer({ min: 0, max: 65535 }, fallback)
}

/** Length of time in whole seconds. */
export function seconds({ min, max }: Range, fallback?: number): Variable<number> {
  const { parse } = integer({ min, max })
  return define(parse, `a number of seconds from ${min} to ${max}`, fallback)
}

export function oneOf<const T extends string>(values: readonly T[], fallback?: T): Variable<T> {
  return define((text) => values.find((value) => value === text), `one of ${values.join(', ')}`, fallback)
}

export function text({ minLength, what }: { minLength: number; what: string }, fallback?: string): Variable<string> {
  return define((value) => (value.length >= minLength ? value : undefined), what, fallback)
}

const MAX_CLAIM_LENGTH = 200

/** What every token says alike. Browsers drop cookies of more than 4096 bytes, and one has the whole token. */
export function tokenClaim(name: string, fallback: string): Variable<string> {
  const accept = (value: string) => (value.length > 0 && value.length <= MAX_CLAIM_LENGTH ? value : undefined)
  return define(accept, `the ${name} of access tokens, of ${MAX_CLAIM_LENGTH} characters at most`, fallback)
}

const MIN_DISTINCT_CHARACTERS = 10
const PUBLISHED = /change.?me|your.?(jwt|secret)|my.?(jwt|secret)|secret.?key|example|development|password/i
/** One piece over and over, whatever its length. */
const REPEATED = /^(.+?)\1+$/s

/** The same variable, for production: not one of the secrets that examples are full of. */
export function unguessable({ parse, expected }: Variable<string>): Variable<string> {
  const isGuessable = (value: string) =>
    new Set(value).size < MIN_DISTINCT_CHARACTERS || PUBLISHED.test(value) || REPEATED.test(value)
  return {
    parse: (value) => (isGuessable(value) ? undefined : parse(value)),
    expected: `${expected}, random and published nowhere`
  }
}

/** Published somewhere, hence known to everybody. */
const KNOWN_PASSWORDS = [
  ...['postgres', 'redis', 'nats', 'latchkey', 'password', 'passw0rd', 'changeme', 'change-me', 'secret', 's3cret'],
  ...['admin', 'root', 'guest', 'default', 'test', 'example', 'foobared']
]

export interface PasswordRules {
  /** There may be several addresses, separated by commas. */
  readonly several?: boolean
  /** Certificates, or a network that lets nobody else in, may stand in for one. */
  readonly mayLack?: boolean
}

/** The same URL, for production: with a password that is not a well-known one. */
export function withSecretPassword(
  { parse, expected }: Variable<string>,
  { several = false, mayLack = false }: PasswordRules = {}
): Variable<string> {
  const isSecret = ({ password }: URL) =>
    password === '' ? mayLack : !KNOWN_PASSWORDS.includes(password.toLowerCase()) && !REPEATED.test(password)
  const accept = (value: string) =>
    parse(value) !== undefined && (several ? value.split(',') : [value]).every((each) => isSecret(new URL(each)))
  return {
    parse: (value) => (accept(value) ? parse(value) : undefined),
    expected: `${expected}, with a password that is not a well-known one`
  }
}

/** An absolute URL of one of the protocols; several of a cluster separated by commas where `several` is set. */
export function url(protocols: readonly string[], fallback?: string, { several = false } = {}): Variable<string> {
  const accepts = (value: string) => URL.canParse(value) && protocols.includes(new URL(value).protocol.slice(0, -1))
  const parse = (value: string) =>
    (several ? value.split(',') : [value]).every((part) => accepts(part.trim())) ? value : undefined
  return define(parse, `a URL like ${protocols[0]}://host:port`, fallback)
}

/** Where people reach the gateway: on this machine unless told otherwise. */
export const publicUrl: Variable<string> = url(['http', 'https'], 'http://127.0.0.1:3000')

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/** Over plain http nobody's cookies could be Secure, so production takes it only where it cannot leave the machine. */
export const productionPublicUrl: Variable<string> = define((value) => {
  const accepted = publicUrl.parse(value)
  if (accepted === undefined) return undefined
  const { protocol, hostname } = new URL(accepted)
  return protocol === 'https:' || LOOPBACK.includes(hostname) ? accepted : undefined
}, 'the https URL people reach the gateway by (http only on a loopback address)')

/** Items separated by commas, each of which has to pass `accepts`. */
export function list(accepts: (item: string) => boolean, what: string): Variable<readonly string[]> {
  return define(
    (value) => {
      const items = value.split(',').map((item) => item.trim())
      return items.every(accepts) ? items : undefined
    },
    `${what}, separated by commas`,
    []
  )
}
