import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { fail, ok } from '@latchkey/contracts/errors'
import type { PlatformEvent } from '@latchkey/contracts/events'
import { factorsContract } from '@latchkey/contracts/factors'
import { createClient } from '@latchkey/messaging/client'
import { ensureEventStream } from '@latchkey/messaging/events'
import { listen } from '@latchkey/messaging/listen'
import { sql } from 'kysely'
import { TOTP } from 'otpauth'
import { test } from 'tap'
import { opening } from './domain/fakes.ts'
import { serveSessions } from './session-service.ts'
import { logger } from './silent-logger.ts'
import { call, createMigratedPlace, createRegistration, createSignIn, getOpened, startAuth, until } from './stack.ts'
import { openTestDatabase } from './store/stores.ts'

type Scope = Parameters<typeof startAuth>[0]

const PASSWORD = 'a fine password'
const adminId = '019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b22'

/** Ann, who has turned a factor on, and her auth service. */
async function startWithFactor(t: Scope) {
  const place = await createMigratedPlace(t)
  const { app, auth, transport } = await startAuth(t, place)
  const { live } = serveSessions(transport)
  const factors = createClient(factorsContract, transport, logger)
  const { user, session } = getOpened(await auth.register(createRegistration('ann@example.com', PASSWORD), call))
  const fresh = { userId: user.id, authenticatedAt: new Date().toISOString(), method: 'password' } as const
  const enrolled = await factors.enroll(fresh, call)
  if (!enrolled.ok) throw new Error(enrolled.code)
  const totp = new TOTP({ secret: enrolled.value.secret })
  const confirmation = { userId: user.id, sessionId: session.id, code: totp.generate(), opening }
  const confirmed = await factors.confirm(confirmation, call)
  if (!confirmed.ok) throw new Error(confirmed.code)
  /** Of the next period: the one of this was used to turn the factor on. */
  const code = totp.generate({ timestamp: Date.now() + 30_000 })
  const ann = { user, session, code, secret: enrolled.value.secret, confirmed: confirmed.value, fresh }
  return { app, place, auth, transport, factors, live, ...ann }
}

test('a factor is turned on, told of, and asked for', async (t) => {
  const { auth, factors, live, user, session, confirmed, fresh, code, transport } = await startWithFactor(t)
  t.notOk(live.get(user.id)?.has(session.id))
  t.ok(live.get(user.id)?.has(confirmed.session.id))
  t.same(await factors.describe({ userId: user.id }, call), ok({ enabled: true, recoveryCodesLeft: 10 }))
  t.same(await factors.enroll(fresh, call), fail('factor_enabled'))
  const signIn = createSignIn('ann@example.com', PASSWORD)
  t.same(await auth.signIn(signIn, call), fail('second_factor_required'))
  t.same(await auth.signIn({ ...signIn, code: '000000' }, call), fail('second_factor_invalid'))
  t.match(await auth.signIn({ ...signIn, code }, call), { ok: true })
  await ensureEventStream(transport)
  const events: PlatformEvent[] = []
  const keep = async (event: PlatformEvent) => void events.push(event)
  const listening = listen({ factorEnabled: keep }, { transport, durable: 'test', log: logger })
  await until(() => events.length === 1)
  t.match(events, [{ name: 'factorEnabled', userId: user.id, payload: {} }])
  await listening.drain()
})

test('the sealing secret is rotated: a command seals anew what the former one had sealed', async (t) => {
  const { app, place, code } = await startWithFactor(t)
  await app.close()
  const FACTOR_SECRET = 'only-for-tests-9999999999999999999999999'
  const environment = {
    PATH: process.env.PATH,
    DATABASE_URL: place.databaseUrl,
    NATS_URL: place.natsUrl,
    FACTOR_SECRET,
    FACTOR_SECRETS_FORMER: 'only-for-tests-0123456789abcdef0123456789'
  }
  const entry = fileURLToPath(new URL('../src/factors-renew.ts', import.meta.url))
  const renew = () =>
    promisify(execFile)(process.execPath, ['--conditions=@latchkey/source', entry], { env: environment })
  t.match(await renew(), { stdout: 'factors:renew: 1 sealed anew\n', stderr: '' })
  t.match(await renew(), { stdout: 'factors:renew: 0 sealed anew\n' })
  const { auth } = await startAuth(t, place, { FACTOR_SECRET })
  t.match(await auth.signIn({ ...createSignIn('ann@example.com', PASSWORD), code }, call), { ok: true })
})

test('of 20 sign-ins with one code, at two replicas, one passes', async (t) => {
  const { place, auth, code } = await startWithFactor(t)
  const other = await startAuth(t, place)
  const signIn = { ...createSignIn('ann@example.com', PASSWORD), code }
  const replicas = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? auth : other.auth))
  const outcomes = await Promise.all(replicas.map((replica) => replica.signIn(signIn, call)))
  t.equal(outcomes.filter(({ ok }) => ok).length, 1)
  const refusals = new Set(outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.code])))
  refusals.delete('too_many_attempts')
  t.same([...refusals], ['second_factor_invalid'])
})

test('of eight parallel confirmations one goes through', async (t) => {
  const { factors, ...ann } = await startWithFactor(t)
  await factors.remove({ userId: ann.user.id, sessionId: ann.confirmed.session.id, password: PASSWORD }, call)
  const enrolled = await factors.enroll(ann.fresh, call)
  if (!enrolled.ok) throw new Error(enrolled.code)
  const code = new TOTP({ secret: enrolled.value.secret }).generate()
  const confirmation = { userId: ann.user.id, sessionId: ann.confirmed.session.id, code, opening }
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => factors.confirm(confirmation, call)))
  t.equal(outcomes.filter(({ ok }) => ok).length, 1)
})

test('a session that a password change has yet to end turns no factor on', async (t) => {
  const { auth, transport } = await startAuth(t, await createMigratedPlace(t))
  const first = serveSessions(transport)
  const factors = createClient(factorsContract, transport, logger)
  const { user, session } = getOpened(await auth.register(createRegistration('ann@example.com', PASSWORD), call))
  const own = await auth.signIn(createSignIn('ann@example.com', PASSWORD), call)
  if (!own.ok) throw new Error(own.code)
  const fresh = { userId: user.id, authenticatedAt: new Date().toISOString(), method: 'password' } as const
  const enrolled = await factors.enroll(fresh, call)
  if (!enrolled.ok) throw new Error(enrolled.code)
  await first.subscription.drain()
  const change = { userId: user.id, currentPassword: PASSWORD, newPassword: 'a better one' }
  t.same(await auth.changePassword({ ...change, sessionId: own.value.session.id }, call), fail('unavailable'))
  const code = new TOTP({ secret: enrolled.value.secret }).generate()
  const confirmation = { userId: user.id, sessionId: session.id, code, opening }
  t.same(await factors.confirm(confirmation, call), fail('unavailable'))

  const second = serveSessions(transport)
  second.live.set(user.id, new Set(first.live.get(user.id)))
  t.match(await factors.confirm(confirmation, call), { ok: false })
  t.same([...(second.live.get(user.id) ?? [])], [own.value.session.id])
  t.match(await factors.describe({ userId: user.id }, call), { value: { enabled: false } })
})

test('an admin removes the factor of somebody who has lost it: every session ends, and the event says who', async (t) => {
  const { auth, transport, factors, live, user } = await startWithFactor(t)
  await ensureEventStream(transport)
  const events: PlatformEvent[] = []
  const keep = async (event: PlatformEvent) => void events.push(event)
  const listening = listen({ factorRemoved: keep }, { transport, durable: 'test', log: logger })
  t.same(await factors.removeFor({ userId: user.id, adminId }, call), ok({}))
  t.equal(live.get(user.id)?.size, 0)
  t.match(await auth.signIn(createSignIn('ann@example.com', PASSWORD), call), { ok: true })
  t.same(await factors.removeFor({ userId: user.id, adminId }, call), ok({}), 'once more is no fault')
  t.same(await factors.removeFor({ userId: adminId, adminId }, call), fail('user_not_found'))
  await until(() => events.length === 1)
  t.match(events, [{ userId: user.id, payload: { actor: { kind: 'admin', id: adminId } } }])
  await listening.drain()
})

test('nothing in the database is a secret or a code', async (t) => {
  const { place, secret, confirmed } = await startWithFactor(t)
  const db = openTestDatabase(t, place.databaseUrl)
  const dumped = await Promise.all(
    (['totp_factors', 'recovery_codes', 'factor_attempts', 'outbox'] as const).map(async (table) => {
      const { rows } =
        await sql`select encode(convert_to(t::text, 'UTF8'), 'escape') from ${sql.table(table)} t`.execute(db)
      return JSON.stringify(rows)
    })
  )
  const dump = dumped.join('\n').toLowerCase()
  const secretHex = Buffer.from(new TOTP({ secret }).secret.bytes).toString('hex')
  t.match(dump, /\\\\x01/, 'the sealed secret is there')
  for (const given of [secret.toLowerCase(), secretHex]) t.notOk(dump.includes(given))
  for (const code of confirmed.recoveryCodes) {
    const bare = code.replaceAll('-', '')
    for (const given of [code, bare, Buffer.from(bare).toString('hex')]) t.notOk(dump.includes(given))
  }
})

test('with another sealing secret no code is right, and recovery codes still open the account', async (t) => {
  const { app, place, confirmed, code } = await startWithFactor(t)
  await app.close()
  const { auth } = await startAuth(t, place, { FACTOR_SECRET: 'another-secret-9876543210fedcba98765432' })
  const signIn = createSignIn('ann@example.com', PASSWORD)
  t.same(await auth.signIn({ ...signIn, code }, call), fail('internal'))
  const [recoveryCode = ''] = confirmed.recoveryCodes
  t.match(await auth.signIn({ ...signIn, code: recoveryCode }, call), { ok: true })
})
