import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startNats, startRedis, type TestScope, type TestServer } from './stores.ts'

/** Of every user of the servers below. */
const PASSWORD = 'only-for-tests'
const docker = new URL('../../../docker/', import.meta.url)

/** The address of a server with the user that one service has there. */
export function withUser(url: string, user: string): string {
  const guarded = new URL(url)
  guarded.username = user
  guarded.password = PASSWORD
  return guarded.href
}

async function createFolder(t: TestScope): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-guarded-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export interface GuardedNats extends TestServer {
  /** Read anew by the server at SIGHUP. */
  readonly configFile: string
}

/** NATS as it is deployed: the services' users with their rights; and an `operator` who may do all, to look at it. */
export async function startGuardedNats(t: TestScope, args: readonly string[] = []): Promise<GuardedNats> {
  const folder = await createFolder(t)
  const text = await readFile(new URL('nats.conf', docker), 'utf8')
  const names = [...text.matchAll(/\$([A-Z]+_PASSWORD)/g)].map(([, name]) => name)
  await mkdir(join(folder, 'passwords'))
  await writeFile(join(folder, 'passwords', 'nats.conf'), names.map((name) => `${name}: "${PASSWORD}"\n`).join(''))
  const operator = `  users: [\n    { user: operator, password: "${PASSWORD}" }\n`
  const configFile = join(folder, 'nats.conf')
  await writeFile(configFile, text.replace('  users: [\n', operator))
  return Object.assign(await startNats(t, { args: ['--config', configFile, ...args] }), { configFile })
}

/** Redis with the users it is deployed with; a connection without a user may do all, so that a test can look at everything. */
export async function startGuardedRedis(t: TestScope, args: readonly string[] = []): Promise<TestServer> {
  const file = join(await createFolder(t), 'users.acl')
  const text = await readFile(new URL('redis-users.acl', docker), 'utf8')
  const hash = createHash('sha256').update(PASSWORD).digest('hex')
  const users = text
    .replaceAll(/#[A-Z]+_SHA256/g, `#${hash}`)
    .replace('user default off', 'user default on nopass ~* &* +@all')
  await writeFile(file, users)
  return await startRedis(t, { args: ['--aclfile', file, ...args] })
}
