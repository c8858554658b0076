import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { ConfigError, optional, text, type Variable } from './config.ts'

/** What a client shows and trusts when it connects by TLS; certificates and key as PEM. */
export interface Tls {
  /** The authorities that may have signed the server's certificate, instead of those that Node knows. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** The name that the server's certificate has to be for, where it is another one than that of the address. */
  readonly servername?: string
}

type Name<P extends string> = `${P}_TLS_${'CA' | 'CERT' | 'KEY' | 'SERVER_NAME'}`

/** The variables that describe TLS to one kind of server; `P` is what their names begin with. */
export type TlsVariables<P extends string> = Readonly<Record<Name<P>, Variable<string | undefined>>>

/** A variable that names a file, whose value is what the file holds. */
function pemFile(label: string, what: string): Variable<string> {
  return { parse: (path) => readPem(path, label), expected: `the path of a readable PEM file with ${what}` }
}

function readPem(path: string, label: string): string | undefined {
  try {
    const pem = readFileSync(path, 'utf8')
    return new RegExp(`-----BEGIN (?:[A-Z]+ )?${label}-----`).test(pem) ? pem : undefined
  } catch {
    return undefined
  }
}

/** `<P>_TLS_CA`, `<P>_TLS_CERT`, `<P>_TLS_KEY` and `<P>_TLS_SERVER_NAME`, each of which may be left out. */
export function tlsVariables<const P extends string>(prefix: P): TlsVariables<P> {
  const variables = {
    CA: pemFile('CERTIFICATE', 'the certificates of authorities'),
    CERT: pemFile('CERTIFICATE', 'a certificate'),
    KEY: pemFile('PRIVATE KEY', 'a private key'),
    SERVER_NAME: text({ minLength: 1, what: 'the name in the certificate of the server' })
  }
  const entries = Object.entries(variables).map(([name, variable]) => [`${prefix}_TLS_${name}`, optional(variable)])
  return Object.fromEntries(entries)
}

/**
 * TLS as those variables describe it; `undefined` where none is set, and the server's URL alone decides. Throws
 * `ConfigError` for a certificate without its key, and for what does not fit together.
 */
export function getTls<const P extends string>(
  prefix: P,
  config: Readonly<Record<Name<P>, string | undefined>>
): Tls | undefined {
  const values: Readonly<Record<string, string | undefined>> = config
  const read = (name: string): string | undefined => values[`${prefix}_TLS_${name}`]
  const [ca, cert, key, servername] = [read('CA'), read('CERT'), read('KEY'), read('SERVER_NAME')]
  if ((cert === undefined) !== (key === undefined)) {
    throw new ConfigError(`configuration: ${prefix}_TLS_CERT and ${prefix}_TLS_KEY belong together`)
  }
  const given = { ca, cert, key, servername }
  const tls: Tls = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  if (Object.keys(tls).length === 0) return undefined
  try {
    createSecureContext(tls)
  } catch {
    throw new ConfigError(`configuration: the certificates and the key of ${prefix}_TLS_* do not fit together`)
  }
  return tls
}
