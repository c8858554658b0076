import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { natsUrl, startNatsServer } from '../servers/nats-server.ts'
import { postgresUrl, startPostgresServer } from '../servers/postgres-server.ts'
import { redisUrl, startRedisServer } from '../servers/redis-server.ts'
import type { ServerProcess } from '../servers/server-process.ts'
import type { Store } from './ladder.ts'
import { choosePostgresPlace } from './postgres-place.ts'
import type { ServerPrograms } from './programs.ts'

export interface LaunchOptions {
  readonly programs: ServerPrograms
  readonly dataFolder: string
  readonly password: string
}

export interface Launched {
  readonly server: ServerProcess
  readonly url: string
  /** Where its data is, when that is not below the data folder. */
  readonly folder: string
}

type Launcher = (options: LaunchOptions, port: number, logFile: string) => Promise<Launched>

function need<T>(program: T | undefined): T {
  if (program === undefined) throw new Error('a store was chosen to be run without a program for it')
  return program
}

const launchPostgres: Launcher = async ({ programs, dataFolder, password }, port, logFile) => {
  const place = choosePostgresPlace(need(programs.postgres), dataFolder)
  const server = await startPostgresServer({ ...place, port, logFile, password, durable: true })
  return { server, url: postgresUrl({ port, password }), folder: place.folder }
}

const launchRedis: Launcher = async ({ programs, dataFolder, password }, port, logFile) => {
  const folder = join(dataFolder, 'redis')
  const server = await startRedisServer({ program: need(programs.redis), port, folder, logFile, password })
  return { server, url: redisUrl({ port, password }), folder }
}

const launchNats: Launcher = async ({ programs, dataFolder }, port, logFile) => {
  const folder = join(dataFolder, 'nats')
  const server = await startNatsServer({ program: need(programs.nats), port, folder, logFile })
  return { server, url: natsUrl({ port }), folder }
}

const launchers: Readonly<Record<Store, Launcher>> = {
  postgres: launchPostgres,
  redis: launchRedis,
  nats: launchNats
}

/** Runs the store's program on `port` with data that survives a restart. */
export function launchStore(store: Store, port: number, options: LaunchOptions): Promise<Launched> {
  const logFolder = join(options.dataFolder, 'logs')
  mkdirSync(logFolder, { recursive: true, mode: 0o700 })
  return launchers[store](options, port, join(logFolder, `${store}.log`))
}
