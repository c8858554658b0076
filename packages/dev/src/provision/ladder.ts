export type Store = 'postgres' | 'redis' | 'nats'

export const stores: readonly Store[] = ['postgres', 'redis', 'nats']

export const storeTitles: Readonly<Record<Store, string>> = { postgres: 'PostgreSQL', redis: 'Redis', nats: 'NATS' }

/** The variable that names a server somebody else runs. */
export const urlVariables: Readonly<Record<Store, string>> = {
  postgres: 'DATABASE_URL',
  redis: 'REDIS_URL',
  nats: 'NATS_URL'
}

/** What this machine offers for one store. */
export interface Offer {
  readonly url: string | undefined
  readonly hasProgram: boolean
  readonly canInstall: boolean
  readonly dockerAnswers: boolean
}

/** How a store is provided; the first that is possible, in this order. */
export type Rung = 'url' | 'program' | 'package' | 'docker' | 'none'

export function chooseRung({ url, hasProgram, canInstall, dockerAnswers }: Offer): Rung {
  if (url !== undefined && url !== '') return 'url'
  if (hasProgram) return 'program'
  if (canInstall) return 'package'
  return dockerAnswers ? 'docker' : 'none'
}

export type PackageManager = 'apt' | 'dnf' | 'pacman' | 'apk' | 'brew'

const installCommands: Readonly<Record<PackageManager, string>> = {
  apt: 'sudo apt-get install',
  dnf: 'sudo dnf install',
  pacman: 'sudo pacman -S',
  apk: 'sudo apk add',
  brew: 'brew install'
}

const packageNames: Readonly<Record<Store, Partial<Record<PackageManager, string>> & { readonly usual: string }>> = {
  postgres: { usual: 'postgresql', dnf: 'postgresql-server', brew: 'postgresql@18' },
  redis: { usual: 'redis', apt: 'redis-server', dnf: 'valkey', pacman: 'valkey' },
  nats: { usual: 'nats-server' }
}

export function packageName(store: Store, manager: PackageManager): string {
  return packageNames[store][manager] ?? packageNames[store].usual
}

/** One line: what is missing, and the command or the variables that cure it on this platform. */
export function describeMissing(missing: readonly Store[], manager: PackageManager | undefined): string {
  const titles = missing.map((store) => storeTitles[store]).join(' and ')
  const variables = missing.map((store) => urlVariables[store]).join(' and ')
  const command =
    manager === undefined
      ? `put ${missing.map((store) => packageNames[store].usual).join(' and ')} on your PATH`
      : `run: ${installCommands[manager]} ${missing.map((store) => packageName(store, manager)).join(' ')}`
  return `${titles} not found and could not be installed unattended; ${command} (or start Docker, or set ${variables})`
}
