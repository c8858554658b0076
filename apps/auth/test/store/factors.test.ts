import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { test } from 'tap'
import { createEvent, createNewUser, email, openTestStores } from './stores.ts'

const BUDGET = { limit: 3, windowSeconds: 60 }

async function openWithUser(t: Parameters<typeof openTestStores>[0]) {
  const stores = await openTestStores(t)
  const user = createNewUser(email('ann'))
  await stores.users.insert(user, createEvent(user.id))
  const { factors } = stores
  const userId = user.id
  /** Turns a factor on with that secret. */
  const enable = async (secret = randomBytes(49), codeHashes = [randomBytes(32)]) => {
    await factors.putPending(userId, secret)
    if (!(await factors.enable(userId, { secret, codeHashes }, createEvent(userId)))) throw new Error('not enabled')
    return { secret, codeHashes }
  }
  const countEvents = async () => (await stores.db.selectFrom('outbox').select('id').execute()).length
  return { ...stores, userId, enable, countEvents }
}

test('a secret waits to be confirmed in the place of the one before', async (t) => {
  const { factors, userId } = await openWithUser(t)
  t.equal(await factors.find(userId), undefined)
  const [first, second] = [randomBytes(49), randomBytes(49)]
  t.match(await factors.putPending(userId, first), { ok: true })
  t.ok(await factors.takeStep(userId, first, 100))
  t.match(await factors.putPending(userId, second), { ok: true })
  t.same(await factors.find(userId), { secret: second, state: 'pending' })
  t.notOk(await factors.takeStep(userId, first, 101))
  t.ok(await factors.takeStep(userId, second, 100), 'steps of another secret do not count')
  t.notOk(await factors.enable(userId, { secret: first, codeHashes: [] }, createEvent(userId)))
  t.same(await factors.describe(userId), { enabled: false, recoveryCodesLeft: 0 })
})

test('a secret waits for a quarter of an hour, and a factor that is on lasts', async (t) => {
  const { db, factors, userId, enable } = await openWithUser(t)
  const age = () => db.updateTable('totpFactors').set({ createdAt: sql`now() - interval '15 minutes'` }).execute()
  await factors.putPending(userId, randomBytes(49))
  await age()
  t.equal(await factors.find(userId), undefined)
  const { secret } = await enable()
  await age()
  t.same(await factors.find(userId), { secret, state: 'on' })
})

test('a factor that is on is not replaced, nor turned on again', async (t) => {
  const { factors, userId, enable, countEvents } = await openWithUser(t)
  const { secret, codeHashes } = await enable()
  const events = await countEvents()
  t.match(await factors.putPending(userId, randomBytes(49)), { code: 'factor_enabled' })
  t.notOk(await factors.enable(userId, { secret, codeHashes: [randomBytes(32)] }, createEvent(userId)))
  t.same(await factors.find(userId), { secret, state: 'on' })
  t.same(await factors.describe(userId), { enabled: true, recoveryCodesLeft: codeHashes.length })
  t.equal(await countEvents(), events)
})

test('a step is taken once, and none before it any more', async (t) => {
  const { factors, userId, enable } = await openWithUser(t)
  const { secret } = await enable()
  t.ok(await factors.takeStep(userId, secret, 1000))
  for (const step of [1000, 999]) t.notOk(await factors.takeStep(userId, secret, step))
  const taken = await Promise.all(Array.from({ length: 20 }, () => factors.takeStep(userId, secret, 1001)))
  t.equal(taken.filter(Boolean).length, 1)
})

test('of several parallel uses of a recovery code one counts', async (t) => {
  const { factors, userId, enable } = await openWithUser(t)
  const [first, second] = [randomBytes(32), randomBytes(32)]
  await enable(undefined, [first, second])
  const burned = await Promise.all(Array.from({ length: 20 }, () => factors.burnRecoveryCode(userId, first)))
  t.equal(burned.filter(Boolean).length, 1)
  t.notOk(await factors.burnRecoveryCode(userId, randomBytes(32)))
  t.same(await factors.describe(userId), { enabled: true, recoveryCodesLeft: 1 })
})

test('of 100 parallel attempts no more than the budget are let through, and the others are told how long to wait', async (t) => {
  const { factors, userId } = await openWithUser(t)
  const attempts = await Promise.all(Array.from({ length: 100 }, () => factors.countAttempt(userId, BUDGET)))
  t.equal(attempts.filter(({ ok }) => ok).length, BUDGET.limit)
  const refused = await factors.countAttempt(userId, BUDGET)
  t.match(refused, { code: 'too_many_attempts', details: { retryAfterSeconds: Number } })
  if (refused.ok || refused.code !== 'too_many_attempts') throw new Error('not refused')
  t.ok(refused.details.retryAfterSeconds <= BUDGET.windowSeconds)
})

test('the budget comes back with time, and with a right code', async (t) => {
  const { db, factors, userId, enable } = await openWithUser(t)
  const [code] = [randomBytes(32)]
  const { secret } = await enable(undefined, [code])
  const spend = async () => {
    for (let i = 0; i < BUDGET.limit; i += 1) t.match(await factors.countAttempt(userId, BUDGET), { ok: true })
    t.match(await factors.countAttempt(userId, BUDGET), { ok: false })
  }
  await spend()
  await db.updateTable('factorAttempts').set({ resetsAt: sql`now()` }).execute()
  await spend()
  t.ok(await factors.takeStep(userId, secret, 1000))
  await spend()
  t.ok(await factors.burnRecoveryCode(userId, code))
  await spend()
})

test('a removal takes everything along, raises the epoch and leaves the sessions to be ended', async (t) => {
  const { db, users, factors, userId, enable, countEvents } = await openWithUser(t)
  await enable()
  await factors.countAttempt(userId, BUDGET)
  const events = await countEvents()
  const epochs: number[] = []
  const describe = (epoch: number) => {
    epochs.push(epoch)
    return createEvent(userId)
  }
  const removal = { userId, exceptSessionId: 'kept', reason: 'revoked_by_user', adminId: null } as const
  const ending = await factors.remove(removal, describe)
  t.match(ending, { id: String, userId, exceptSessionId: 'kept', reason: 'revoked_by_user', epoch: 1 })
  t.match(await users.findById(userId), { epoch: 1 })
  t.same([epochs, await countEvents()], [[1], events + 1])
  for (const table of ['totpFactors', 'recoveryCodes', 'factorAttempts'] as const) {
    t.same(await db.selectFrom(table).selectAll().execute(), [], table)
  }
})

test('without a factor that is on there is nothing to remove but what waits', async (t) => {
  const { users, factors, userId, countEvents } = await openWithUser(t)
  const events = await countEvents()
  const removal = { userId, exceptSessionId: null, reason: 'revoked_by_admin', adminId: null } as const
  t.equal(await factors.remove(removal, () => createEvent(userId)), undefined)
  await factors.putPending(userId, randomBytes(49))
  t.equal(await factors.remove(removal, () => createEvent(userId)), undefined)
  t.equal(await factors.find(userId), undefined)
  t.match(await users.findById(userId), { epoch: 0 })
  t.equal(await countEvents(), events)
})

test('20 parallel removals are one, whose end of sessions each of them waits for', async (t) => {
  const { db, users, factors, userId, enable } = await openWithUser(t)
  await enable()
  const removal = { userId, exceptSessionId: null, reason: 'revoked_by_admin', adminId: null } as const
  const remove = () => factors.remove(removal, () => createEvent(userId))
  const endings = await Promise.all(Array.from({ length: 20 }, remove))
  t.equal(new Set(endings.map((ending) => ending?.id)).size, 1)
  t.match(endings[0], { userId, reason: 'revoked_by_admin', epoch: 1 })
  t.match(await users.findById(userId), { epoch: 1 })
  await db.deleteFrom('sessionEndings').execute()
  t.equal(await remove(), undefined, 'once all have ended there is nothing to wait for')
})
