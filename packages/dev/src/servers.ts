import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describeMissing, type Store } from './provision/ladder.ts'
import { choosePostgresPlace } from './provision/postgres-place.ts'
import type { ServerPrograms } from './provision/programs.ts'
import { providePrograms } from './provision/provide-programs.ts'
import { createTemporaryFolder } from './provision/temporary-folder.ts'
import { startOnFreePort } from './servers/free-port.ts'
import { natsUrl, startNatsServer } from './servers/nats-server.ts'
import { postgresUrl, startPostgresServer } from './servers/postgres-server.ts'
import { redisUrl, startRedisServer } from './servers/redis-server.ts'
import type { ServerProcess } from './servers/server-process.ts'

/** A real server for a test, on a free port of loopback, its data in a folder of its own. */
export interface EphemeralServer {
  readonly url: string
  readonly port: number
  readonly pid: number
  /** Where its data is. */
  readonly folder: string
  /** Makes it hang (SIGSTOP): connections stay open, nothing answers. */
  pause(): void
  resume(): void
  /** Ends it as a crash would. */
  kill(): Promise<void>
  /** Starts it again on the same port with the data it had; stops it first when it runs. */
  restart(): Promise<void>
  /** Stops it and removes its data. */
  stop(): Promise<void>
}

type Launch = (port: number, folder: string) => Promise<ServerProcess>

async function getProgram<S extends Store>(
  store: S,
  environment: NodeJS.ProcessEnv
): Promise<NonNullable<ServerPrograms[S]>> {
  const program = (await providePrograms([store], environment))[store]
  if (program === undefined || program === null) throw new Error(describeMissing([store], undefined))
  return program
}

async function startEphemeral(name: string, launch: Launch, url: (port: number) => string): Promise<EphemeralServer> {
  const folder = createTemporaryFolder(name)
  const { port, server } = await startOnFreePort(async (free) => ({ port: free, server: await launch(free, folder) }))
  let current = server
  return {
    url: url(port),
    port,
    folder,
    get pid() {
      return current.pid
    },
    pause: () => current.pause(),
    resume: () => current.resume(),
    kill: () => current.kill(),
    restart: async () => {
      await current.stop()
      current = await launch(port, folder)
    },
    stop: async () => {
      await current.kill()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** `args` are more arguments of redis-server; append-only file on, no password. */
export async function startEphemeralRedis(
  environment: NodeJS.ProcessEnv,
  args: readonly string[]
): Promise<EphemeralServer> {
  const program = await getProgram('redis', environment)
  const launch: Launch = (port, folder) =>
    startRedisServer({ program, port, folder, logFile: join(folder, 'server.log'), args, throwAwayFolder: folder })
  return await startEphemeral('redis', launch, (port) => redisUrl({ port }))
}

/** `args` are more arguments of nats-server; JetStream is on. */
export async function startEphemeralNats(
  environment: NodeJS.ProcessEnv,
  args: readonly string[]
): Promise<EphemeralServer> {
  const program = await getProgram('nats', environment)
  const launch: Launch = (port, folder) =>
    startNatsServer({ program, port, folder, logFile: join(folder, 'server.log'), args, throwAwayFolder: folder })
  return await startEphemeral('nats', launch, (port) => natsUrl({ port }))
}

/** The url is that of a superuser, in a database `latchkey`. */
export async function startEphemeralPostgres(environment: NodeJS.ProcessEnv): Promise<EphemeralServer> {
  const found = await getProgram('postgres', environment)
  const password = randomBytes(16).toString('base64url')
  const launch: Launch = (port, folder) => {
    const logFile = join(folder, 'server.log')
    const place = choosePostgresPlace(found, folder)
    return startPostgresServer({ ...place, port, logFile, password, durable: false, throwAwayFolder: folder })
  }
  return await startEphemeral('postgres', launch, (port) => postgresUrl({ port, password }))
}
