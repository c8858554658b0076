import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createNatsGuard, startGuardedRedis } from '@latchkey/testing/guarded-stores'
import { startNats } from '@latchkey/testing/stores'
import { Redis } from 'ioredis'
import { type Test, test } from 'tap'
import { createEnvironment } from '../../src/environment.ts'
import { createApi } from '../../src/http.ts'
import { eventually, register } from '../../src/people.ts'
import { startServices } from '../../src/processes.ts'

const NEXT = 'the-next-password'

function withPassword(url: string, user: string, password: string): string {
  const changed = new URL(url)
  changed.username = user
  changed.password = password
  return changed.href
}

/** The platform, with the files that say who may do what in its Redis and on its bus. */
async function startPlatform(t: Test) {
  const natsConfig = await createNatsGuard(t)
  const [redis, nats] = await Promise.all([startGuardedRedis(t), startNats(t, { args: ['--config', natsConfig] })])
  const environment = await createEnvironment(t, { redis, nats }, {})
  const operator = new Redis(redis.url)
  t.teardown(() => operator.disconnect())
  const [, aclFile = ''] = (await operator.config('GET', 'aclfile')) as string[]
  return {
    ...(await startServices(t, environment)),
    redis,
    nats,
    operator,
    aclFile,
    natsPasswords: join(dirname(natsConfig), 'passwords', 'nats.conf')
  }
}

async function edit(file: string, change: (text: string) => string): Promise<void> {
  const before = await readFile(file, 'utf8')
  const after = change(before)
  if (after === before) throw new Error(`nothing to change in ${file}`)
  await writeFile(file, after)
}

test('passwords in Redis and on the bus are changed as the operations page says', async (t) => {
  const platform = await startPlatform(t)
  const { api, services, restart, redis, nats, operator, aclFile } = platform
  const { body } = await register(api)
  const token: string = body.accessToken
  const list = () => api('GET', '/v1/sessions', { token })
  t.equal((await list()).status, 200)

  await t.test('a user of Redis has two for a while, and nobody notices', async (t) => {
    const hash = createHash('sha256').update(NEXT).digest('hex')
    const [, former = ''] = /user session on (#\w+)/.exec(await readFile(aclFile, 'utf8')) ?? []
    await operator.acl('SETUSER', 'session', `#${hash}`)
    await edit(aclFile, (text) => text.replace(`user session on ${former}`, `user session on ${former} #${hash}`))
    t.equal((await list()).status, 200)
    t.equal(await services.session.stop(), 0)
    await restart('session', { REDIS_URL: withPassword(redis.url, 'session', NEXT) })
    t.equal((await list()).status, 200)
    await operator.acl('SETUSER', 'session', `!${former.slice(1)}`)
    await edit(aclFile, (text) => text.replace(` ${former} #${hash}`, ` #${hash}`))
    t.equal((await list()).status, 200)
    const before = await operator.acl('LIST')
    await operator.acl('LOAD')
    t.same(await operator.acl('LIST'), before, 'the file says what holds')
    const found = await eventually(list, ({ status }) => status === 200)
    t.equal(found.status, 200)
  })

  await t.test('a service on the bus is cut off by its new one until it is started with it', async (t) => {
    await edit(platform.natsPasswords, (text) => text.replace(/SESSION_PASSWORD: .*/, `SESSION_PASSWORD: "${NEXT}"`))
    process.kill(nats.pid, 'SIGHUP')
    const refused = await eventually(list, ({ status }) => status === 503)
    t.equal(refused.status, 503)
    t.equal((await createApi(services.session.url)('GET', '/readyz')).status, 503)
    t.equal((await api('GET', '/healthz')).status, 200, 'the others stay')
    await services.session.stop()
    await restart('session', {
      NATS_URL: withPassword(nats.url, 'session', NEXT),
      REDIS_URL: withPassword(redis.url, 'session', NEXT)
    })
    const found = await eventually(list, ({ status }) => status === 200)
    t.equal(found.status, 200)
  })
})
