import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kill } from 'node:process'
import { connect } from 'nats'
import { startNats, startRedis, type TestScope, type TestServer } from './stores.ts'

/** Of every user of the servers below. */
const PASSWORD = 'only-for-tests'
const docker = new URL('../../../docker/', import.meta.url)

/** The address of a server, or of several separated by commas, with the user that one service has there. */
export function withUser(url: string, user: string): string {
  return url
    .split(',')
    .map((each) => {
      const guarded = new URL(each)
      guarded.username = user
      guarded.password = PASSWORD
      return guarded.href
    })
    .join(',')
}

async function createFolder(t: TestScope): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-guarded-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Who may do all in a guarded NATS, to look at it. */
export const OPERATOR = { user: 'operator', pass: PASSWORD } as const

export interface GuardedNats extends TestServer {
  /**
   * Has the running server read its configuration anew, changed from what it was started with; it does so soon after.
   * Without a change all is as it was.
   */
  reconfigure(change?: (text: string) => string): Promise<void>
}

/**
 * NATS as it is deployed: the services' users with their rights; and an `operator` who may do all, to look at it.
 * `settings` are added to its configuration.
 */
export async function startGuardedNats(
  t: TestScope,
  args: readonly string[] = [],
  settings = ''
): Promise<GuardedNats> {
  const configFile = await createNatsGuard(t)
  const text = `${await readFile(configFile, 'utf8')}${settings}`
  await writeFile(configFile, text)
  const server = await startNats(t, { args: ['--config', configFile, ...args] })
  const reconfigure: GuardedNats['reconfigure'] = async (change = (same) => same) => {
    // What only the command line says of streams would be gone, and twice it may not be said when the server starts.
    await writeFile(configFile, `${change(text)}jetstream { store_dir: "${server.folder}" }\n`)
    kill(server.pid, 'SIGHUP')
  }
  return Object.assign(server, { reconfigure })
}

/** The configuration of nats-server that lets in nobody but the users of `startGuardedNats`. */
export async function createNatsGuard(t: TestScope): Promise<string> {
  const folder = await createFolder(t)
  const text = await readFile(new URL('nats.conf', docker), 'utf8')
  const names = [...text.matchAll(/\$([A-Z]+_PASSWORD)/g)].map(([, name]) => name)
  await mkdir(join(folder, 'passwords'))
  await writeFile(join(folder, 'passwords', 'nats.conf'), names.map((name) => `${name}: "${PASSWORD}"\n`).join(''))
  const operator = `  users: [\n    { user: operator, password: "${PASSWORD}" }\n`
  const configFile = join(folder, 'nats.conf')
  await writeFile(configFile, text.replace('  users: [\n', operator))
  return configFile
}

/** Leaves such a NATS without its streams, as the loss of its storage does. */
export async function loseStreams({ url }: TestServer): Promise<void> {
  const connection = await connect({ servers: new URL(url).host, user: 'operator', pass: PASSWORD })
  try {
    const { streams } = await connection.jetstreamManager()
    for await (const { config } of streams.list()) await streams.delete(config.name)
  } finally {
    await connection.close()
  }
}

/** Redis with the users it is deployed with; a connection without a user may do all, so that a test can look at everything. */
export async function startGuardedRedis(t: TestScope, args: readonly string[] = []): Promise<TestServer> {
  return await startRedis(t, { args: [...(await createRedisGuard(t)), ...args] })
}

/** Arguments of redis-server that bring in the users of `startGuardedRedis`. */
export async function createRedisGuard(t: TestScope): Promise<readonly string[]> {
  const file = join(await createFolder(t), 'users.acl')
  const text = await readFile(new URL('redis-users.acl', docker), 'utf8')
  const hash = createHash('sha256').update(PASSWORD).digest('hex')
  const users = text
    .replaceAll(/#[A-Z]+_SHA256/g, `#${hash}`)
    .replace('user default off', 'user default on nopass ~* &* +@all')
  await writeFile(file, users)
  return ['--aclfile', file]
}
