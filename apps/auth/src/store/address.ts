import { checkServerIdentity } from 'node:tls'
import type { Tls } from '@latchkey/runtime/tls'
import type { PoolConfig } from 'pg'

/** Where the URL says anything of TLS itself, the driver would listen to that instead. */
const URL_PARAMETERS = ['sslmode', 'ssl', 'sslcert', 'sslkey', 'sslrootcert']

/** Where the database is, and how to speak to it. */
export function createAddress(url: string, tls: Tls | undefined): Pick<PoolConfig, 'connectionString' | 'ssl'> {
  if (tls === undefined) return { connectionString: url }
  const address = new URL(url)
  for (const name of URL_PARAMETERS) address.searchParams.delete(name)
  const { servername } = tls
  return {
    connectionString: address.href,
    ssl: {
      ...tls,
      // The driver asks for the name of the address, whichever it was told.
      ...(servername === undefined
        ? {}
        : { checkServerIdentity: (_host: string, certificate) => checkServerIdentity(servername, certificate) })
    }
  }
}
