import { type Store, stores, storeTitles } from '../provision/ladder.ts'
import type { Service } from '../settings.ts'

export interface ReadyFacts {
  readonly seconds: number
  readonly ports: Readonly<Record<Service, number>>
  readonly versions: Readonly<Record<Store, string>>
  /** As a person in the root folder would write them. */
  readonly dataFolder: string
  /** Set when PostgreSQL's account could not enter the data folder. */
  readonly postgresFolder: string | undefined
}

/** At most twelve lines, the values below one another. */
export function presentReady({ seconds, ports, versions, dataFolder, postgresFolder }: ReadyFacts): string {
  const gateway = `http://localhost:${ports.gateway}`
  const rows: readonly (readonly [string, string])[] = [
    ['Gateway', `${gateway} and http://127.0.0.1:${ports.gateway}`],
    ['Docs', `${gateway}/docs`],
    ['Services', `auth :${ports.auth}, session :${ports.session}, activity :${ports.activity}`],
    ['Stores', stores.map((store) => `${storeTitles[store]} ${versions[store]}`).join(', ')],
    ['Data', postgresFolder === undefined ? dataFolder : `${dataFolder} (PostgreSQL: ${postgresFolder})`],
    ['Logs', `${dataFolder}/logs/<service>.log`],
    [
      'Try',
      `curl -s ${gateway}/v1/users --json '{"email":"ada@example.com","password":"correct horse battery staple"}'`
    ],
    ['More', 'pnpm status tells this again; Ctrl-C stops everything']
  ]
  const lines = rows.map(([title, text]) => `  ${title.padEnd(9)} ${text}`)
  return [`Latchkey is ready in ${seconds.toFixed(1)} s`, '', ...lines, ''].join('\n')
}
