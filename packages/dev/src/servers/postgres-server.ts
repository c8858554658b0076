import { chownSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import type { PostgresPrograms } from '../provision/programs.ts'
import { runCommand } from '../provision/run-command.ts'
import { probePostgres } from './probes.ts'
import { type ServerProcess, ServerStartError, startServerProcess } from './server-process.ts'

export interface PostgresServerOptions {
  readonly programs: PostgresPrograms
  readonly account: { readonly uid: number; readonly gid: number } | undefined
  readonly port: number
  readonly folder: string
  readonly logFile: string
  readonly password: string
  /** False for data that is thrown away: nothing is synced to disk. */
  readonly durable: boolean
  readonly throwAwayFolder?: string
}

type Cluster = Pick<PostgresServerOptions, 'programs' | 'account' | 'folder' | 'password' | 'durable'>

const superuser = 'latchkey'

export function postgresUrl(server: Pick<PostgresServerOptions, 'port' | 'password'>, database = 'latchkey'): string {
  return `postgres://${superuser}:${encodeURIComponent(server.password)}@127.0.0.1:${server.port}/${database}`
}

/** The cluster is made beside its place and moved there whole, so a start that was cut off is simply begun anew. */
async function initialise({ programs, account, folder, password, durable }: Cluster): Promise<void> {
  if (existsSync(join(folder, 'PG_VERSION'))) return
  const draft = `${folder}.new`
  const passwordFile = `${folder}.password`
  for (const leftover of [folder, draft, passwordFile]) rmSync(leftover, { recursive: true, force: true })
  mkdirSync(draft, { recursive: true, mode: 0o700 })
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (account !== undefined) for (const path of [draft, passwordFile]) chownSync(path, account.uid, account.gid)

  const collation = programs.hasBuiltinLocales ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : []
  const { succeeded, output } = await runCommand(
    join(programs.folder, 'bin', 'initdb'),
    [
      ...['--pgdata', draft, '--username', superuser, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
      ...['--encoding', 'UTF8', '--locale', 'C', ...collation, ...(durable ? [] : ['--no-sync'])]
    ],
    { account, cwd: draft }
  )
  rmSync(passwordFile)
  if (!succeeded) throw new ServerStartError('PostgreSQL', output)
  renameSync(draft, folder)
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const { rowCount } = await client.query(`SELECT FROM pg_database WHERE datname = '${superuser}'`)
    if (rowCount === 0) await client.query(`CREATE DATABASE ${superuser}`)
  } finally {
    await client.end()
  }
}

/** PostgreSQL on loopback with a database `latchkey`; made anew when `folder` has no cluster yet. */
export async function startPostgresServer(options: PostgresServerOptions): Promise<ServerProcess> {
  const { programs, account, port, folder, logFile, durable, throwAwayFolder } = options
  await initialise(options)
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '200',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' })
  }
  const url = postgresUrl(options, 'postgres')
  const server = await startServerProcess({
    title: 'PostgreSQL',
    program: join(programs.folder, 'bin', 'postgres'),
    args: ['-D', folder, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    account,
    folder,
    logFile,
    // "Fast" shutdown: sessions are ended, data is written.
    stopSignal: 'SIGINT',
    throwAwayFolder,
    probe: () => probePostgres(url)
  })
  await ensureDatabase(url)
  return server
}
