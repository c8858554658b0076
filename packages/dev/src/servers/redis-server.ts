import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { probeRedis } from './probes.ts'
import { type ServerProcess, startServerProcess } from './server-process.ts'

export interface RedisServerOptions {
  readonly program: string
  readonly port: number
  readonly folder: string
  readonly logFile: string
  /** None: anyone on this machine may connect (tests). */
  readonly password?: string | undefined
  /** More command line arguments, such as `--maxmemory 8mb`; they win over the configuration file. */
  readonly args?: readonly string[]
  readonly throwAwayFolder?: string
}

export function redisUrl({ port, password }: Pick<RedisServerOptions, 'port' | 'password'>): string {
  return password === undefined
    ? `redis://127.0.0.1:${port}`
    : `redis://:${encodeURIComponent(password)}@127.0.0.1:${port}`
}

function redisConf({ port, folder, password }: RedisServerOptions): string {
  const lines = [
    'bind 127.0.0.1',
    `port ${port}`,
    `dir "${folder}"`,
    'daemonize no',
    'appendonly yes',
    'appendfsync everysec',
    'maxmemory-policy noeviction',
    ...(password === undefined ? ['protected-mode no'] : [`requirepass "${password}"`])
  ]
  return `${lines.join('\n')}\n`
}

/** Redis or Valkey with its append-only file, on loopback; its files are in `folder`. */
export function startRedisServer(options: RedisServerOptions): Promise<ServerProcess> {
  const { program, folder, logFile, args = [], throwAwayFolder } = options
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const configFile = join(folder, 'redis.conf')
  writeFileSync(configFile, redisConf(options), { mode: 0o600 })
  const url = redisUrl(options)
  return startServerProcess({
    title: 'Redis',
    program,
    args: [configFile, ...args],
    folder,
    logFile,
    stopSignal: 'SIGTERM',
    throwAwayFolder,
    probe: () => probeRedis(url)
  })
}
