import { readFileSync } from 'node:fs'
import { startGuardedRedis, withUser } from '@latchkey/testing/guarded-stores'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { type Test, test } from 'tap'
import { startGuardedPostgres } from '../../src/guarded-postgres.ts'
import { eventually, newEmail, PASSWORD, register, signIn } from '../../src/people.ts'
import { startStack } from '../../src/stack.ts'

async function connect(t: Test, url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  return client
}

test('the auth service reads and writes rows, and cannot change the schema', async (t) => {
  const { owner, service } = await startGuardedPostgres(t)
  const client = await connect(t, service)
  const { rows } = await client.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'public'"
  )
  t.ok(
    rows.some(({ name }) => name === 'users'),
    'the owner has migrated'
  )
  t.match((await client.query('select count(*)::int as count from users')).rows, [{ count: 0 }])
  const refused = [
    'create table mine (id int)',
    'create temporary table mine (id int)',
    'alter table users add column mine int',
    'drop table users',
    'truncate users',
    'create schema mine',
    'create role mine',
    "copy users to program 'cat'",
    'create trigger mine before insert on users for each row execute function suppress_redundant_updates_trigger()'
  ]
  for (const statement of refused) {
    await t.rejects(client.query(statement), { code: /^42501$/ }, statement)
  }
  const migrating = await connect(t, owner)
  await t.rejects(migrating.query('create role mine'), { code: '42501' }, 'the owner owns this schema and no more')
})

test('a person signs up, in, changes the password and reads the timeline with every service at its own rights', async (t) => {
  const { owner, service } = await startGuardedPostgres(t)
  const { api } = await startStack(t, { DATABASE_URL: service, MIGRATION_DATABASE_URL: owner })
  const email = newEmail()
  t.equal((await register(api, email)).status, 201)
  const { body } = await signIn(api, email)
  const token: string = body.accessToken
  const change = { currentPassword: PASSWORD, newPassword: 'a new and longer passphrase' }
  t.equal((await api('PUT', '/v1/me/password', { token, body: change })).status, 204)
  const kinds = ['user_registered', 'signed_in', 'password_changed']
  const timeline = await eventually(
    () => api('GET', '/v1/me/activity', { token }),
    ({ body: { items } }) => kinds.every((kind) => items.some((item: { kind: string }) => item.kind === kind))
  )
  const told = timeline.body.items.map((item: { kind: string }) => item.kind)
  for (const kind of kinds) t.ok(told.includes(kind), kind)
  t.equal((await api('DELETE', '/v1/sessions/current', { token })).status, 204)
  t.equal((await api('GET', '/v1/sessions/current', { token })).status, 401)
})

async function openRedis(t: Test, url: string): Promise<Redis> {
  const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null })
  client.on('error', () => undefined)
  t.teardown(() => client.disconnect())
  await client.connect()
  return client
}

const keys = { session: ['lk:s:{00}:x', 'lk:v:{v}:registry'], activity: ['lk:a:{00}:x'] } as const

for (const [service, other] of [
  ['session', 'activity'],
  ['activity', 'session']
] as const) {
  test(`${service} works on its own keys in Redis, and on no other`, async (t) => {
    const { url } = await startGuardedRedis(t)
    const client = await openRedis(t, withUser(url, service))
    for (const key of keys[service]) {
      t.equal(await client.hset(key, 'field', 'value'), 1, key)
      t.equal(await client.eval("return redis.call('HGET', KEYS[1], 'field')", 1, key), 'value', key)
    }
    t.match(await client.info('memory'), /^maxmemory_policy:/m, 'to see whether it evicts')
    for (const key of [...keys[other], 'anything']) {
      await t.rejects(client.get(key), /NOPERM/, key)
      await t.rejects(client.eval("return redis.call('GET', KEYS[1])", 1, key), /NOPERM|permission/, key)
    }
  })

  test(`${service} cannot ask Redis for what belongs to operators`, async (t) => {
    const { url } = await startGuardedRedis(t)
    const client = await openRedis(t, withUser(url, service))
    const refused = [
      ...['FLUSHALL', 'FLUSHDB', 'KEYS *', 'SCAN 0', 'RANDOMKEY', 'CONFIG GET *', 'DEBUG SLEEP 0', 'SHUTDOWN', 'SAVE'],
      ...['ACL LIST', 'SCRIPT FLUSH', 'FUNCTION FLUSH', 'CLIENT LIST', 'MONITOR', 'REPLICAOF no one', 'SUBSCRIBE x']
    ]
    for (const line of refused) {
      const [command = '', ...args] = line.split(' ')
      await t.rejects(client.call(command, ...args), /NOPERM|not allowed/, line)
    }
  })
}

test('whoever is no service of Redis is not let in, and the health check may do nothing but ask', async (t) => {
  const text = readFileSync(new URL('../../../../docker/redis-users.acl', import.meta.url), 'utf8')
  t.match(text, /^user default off$/m)
  const { url } = await startGuardedRedis(t)
  const client = await openRedis(t, withUser(url, 'health'))
  t.equal(await client.ping(), 'PONG')
  await t.rejects(client.get('lk:s:{00}:x'), /NOPERM/)
  await t.rejects(client.info(), /NOPERM/)
  const stranger = new URL(withUser(url, 'session'))
  stranger.password = 'something-else'
  await t.rejects(openRedis(t, stranger.href))
})
