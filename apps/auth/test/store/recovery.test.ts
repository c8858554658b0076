import { fail, ok } from '@latchkey/contracts/errors'
import { sql } from 'kysely'
import { test } from 'tap'
import { hashToken } from '../../src/domain/link-token.ts'
import { createEvent, createNewUser, email, openTestStores } from './stores.ts'

async function openWithUser(t: Parameters<typeof openTestStores>[0]) {
  const stores = await openTestStores(t)
  const user = createNewUser(email('Ann'))
  await stores.users.insert(user, createEvent(user.id))
  const { mails, recovery, users, db } = stores
  /** What a sender would mail now, each with a token in its link. */
  const deliver = async () => {
    const due = await mails.claim(100)
    const delivered = []
    for (const { id, kind, recipient, linkId } of due.toSorted((a, b) => Number(a.id) - Number(b.id))) {
      const isValid = linkId === null || (await mails.addToken(linkId, hashToken(`token ${id}`)))
      if (isValid) delivered.push({ kind, recipient, hash: hashToken(`token ${id}`) })
      await mails.remove(id)
    }
    return delivered
  }
  const describe = () => createEvent(user.id)
  return {
    ...stores,
    userId: user.id,
    deliver,
    verify: (hash: string) => recovery.verifyEmail({ userId: user.id, hash }, describe),
    reset: (hash: string, to = 'new verifier') => recovery.resetPassword({ userId: user.id, hash, to }, describe),
    requestReset: (source = '127.0.0.1') => recovery.requestReset({ address: email('ann').canonical, source }),
    requestChange: (name: string) =>
      users.updateProfile({ userId: user.id, identifiers: {}, newEmail: email(name) }, describe),
    findUser: () => users.findById(user.id),
    expire: () => db.updateTable('mailLinks').set({ expiresAt: sql`now()` }).execute()
  }
}

type World = Awaited<ReturnType<typeof openWithUser>>

/** The hash of the link in the one mail of that kind. */
async function deliverOne({ deliver }: World, kind: string): Promise<string> {
  const [mail, ...others] = (await deliver()).filter((each) => each.kind === kind)
  if (mail === undefined || others.length > 0) throw new Error(`${others.length} mails too many, or none`)
  return mail.hash
}

test('a registration mails a link that verifies the address, once, however many follow it', async (t) => {
  const world = await openWithUser(t)
  const [mail] = await world.deliver()
  t.match(mail, { kind: 'email_verification', recipient: 'Ann@Example.com' })
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => world.verify(mail?.hash ?? '')))
  t.equal(outcomes.filter(({ ok }) => ok).length, 1)
  t.same(
    outcomes.filter(({ ok }) => !ok),
    Array(9).fill(fail('link_invalid'))
  )
  t.match(await world.findUser(), { profile: { emailVerified: true }, profileVersion: 2 })
  t.match(await world.db.selectFrom('profileCopies').selectAll().execute(), [{ userId: world.userId, version: 2 }])
})

test('nothing stored can be presented as a token', async (t) => {
  const { db, deliver, recovery } = await openWithUser(t)
  await deliver()
  const [stored] = await db.selectFrom('mailLinkTokens').selectAll().execute()
  t.equal(await recovery.findVerification(hashToken(stored?.hash ?? '')), undefined)
})

test('a link is void once it has expired, was replaced, or its address is another one', async (t) => {
  const world = await openWithUser(t)
  const { userId, recovery, users } = world
  const first = await deliverOne(world, 'email_verification')
  await recovery.requestVerification({ userId, address: email('ann').canonical })
  const second = await deliverOne(world, 'email_verification')
  t.equal(await recovery.findVerification(first), undefined)
  await world.expire()
  t.same(await world.verify(second), fail('link_invalid'))

  await recovery.requestVerification({ userId, address: email('ann').canonical })
  const third = await deliverOne(world, 'email_verification')
  await users.updateProfile({ userId, identifiers: { email: email('bea') } }, () => createEvent(userId))
  t.same(await world.verify(third), fail('link_invalid'))
  t.match(await world.findUser(), { profile: { emailVerified: false } })
})

test('a verified address is asked nothing, and one that is not a few times an hour', async (t) => {
  const world = await openWithUser(t)
  const request = { userId: world.userId, address: email('ann').canonical }
  for (let count = 0; count < 10; count += 1) await world.recovery.requestVerification(request)
  t.equal((await world.deliver()).length, 1, 'those that had not left were replaced')
  const { used } = await world.db.selectFrom('mailQuotas').select('used').executeTakeFirstOrThrow()
  t.equal(used, 11)
  await world.db.deleteFrom('mailQuotas').execute()
  await world.db.updateTable('users').set({ emailVerified: true }).execute()
  await world.recovery.requestVerification(request)
  t.same(await world.deliver(), [])
})

test('a new address takes the place of the old one when its link is followed, and the old one is told', async (t) => {
  const world = await openWithUser(t)
  await world.deliver()
  t.match(await world.requestChange('Bea'), {
    ok: true,
    value: { profile: { email: 'Ann@Example.com' }, profileVersion: 1 }
  })
  const mails = await world.deliver()
  t.match(mails, [
    { kind: 'email_change', recipient: 'Bea@Example.com' },
    { kind: 'email_change_requested', recipient: 'Ann@Example.com' }
  ])
  t.match(await world.verify(mails[0]?.hash ?? ''), {
    ok: true,
    value: { profile: { email: 'Bea@Example.com', emailVerified: true }, profileVersion: 2 }
  })
  t.match(await world.deliver(), [{ kind: 'email_changed', recipient: 'Ann@Example.com' }])
  t.equal(await world.users.findByIdentifier([email('ann')]), undefined)
})

test('a change that is under way is what is mailed again, and a newer one replaces it', async (t) => {
  const world = await openWithUser(t)
  await world.requestChange('bea')
  const first = await deliverOne(world, 'email_change')
  await world.recovery.requestVerification({ userId: world.userId, address: email('ann').canonical })
  const again = await deliverOne(world, 'email_change')
  await world.requestChange('carl')
  const newest = await deliverOne(world, 'email_change')
  for (const hash of [first, again]) t.same(await world.verify(hash), fail('link_invalid'))
  t.match(await world.verify(newest), { ok: true, value: { profile: { email: 'carl@Example.com' } } })
})

test('an address that somebody else has is refused, before and after it was asked', async (t) => {
  const world = await openWithUser(t)
  const bea = createNewUser(email('bea'))
  await world.requestChange('bea')
  await world.users.insert(bea, createEvent(bea.id))
  const hash = await deliverOne(world, 'email_change')
  t.same(await world.verify(hash), fail('identifier_taken', { field: 'email' }))
  t.same(await world.requestChange('bea'), fail('identifier_taken', { field: 'email' }))
  t.match(await world.findUser(), { profile: { email: 'Ann@Example.com' }, profileVersion: 1 })
})

test('one user has ten addresses asked within an hour, and no more', async (t) => {
  const world = await openWithUser(t)
  await world.deliver()
  for (let index = 0; index < 12; index += 1) await world.requestChange(`person-${index}`)
  const mails = await world.deliver()
  t.same(
    mails.filter(({ kind }) => kind === 'email_change').map(({ recipient }) => recipient),
    ['person-9@Example.com']
  )
  t.equal(mails.filter(({ kind }) => kind === 'email_change_requested').length, 10)
})

test('a password change voids a change of the address that is under way, and a reset', async (t) => {
  const world = await openWithUser(t)
  const { userId, users } = world
  await world.requestChange('bea')
  await world.requestReset()
  const mails = await world.deliver()
  const change = { userId, from: 'first verifier', to: 'second verifier', exceptSessionId: 'kept' }
  await users.replacePassword(change, () => createEvent(userId))
  const hashOf = (kind: string) => mails.find((mail) => mail.kind === kind)?.hash ?? ''
  t.same(await world.verify(hashOf('email_change')), fail('link_invalid'))
  t.equal(await world.reset(hashOf('password_reset')), undefined)
  t.match(await world.deliver(), [{ kind: 'password_changed' }])
  t.match(await world.verify(hashOf('email_verification')), { ok: true })
})

test('of 10 parallel resets by one link exactly one succeeds, with what follows from it', async (t) => {
  const world = await openWithUser(t)
  await world.deliver()
  t.same(await world.requestReset(), ok(undefined))
  const hash = await deliverOne(world, 'password_reset')
  t.equal(await world.recovery.findReset(hash), world.userId)
  const endings = await Promise.all(Array.from({ length: 10 }, (_, index) => world.reset(hash, `verifier ${index}`)))
  const [ending, ...others] = endings.filter((each) => each !== undefined)
  t.match(ending, { userId: world.userId, exceptSessionId: null, reason: 'password_changed', epoch: 1 })
  t.same(others, [])
  t.same(await world.pending.claimEndings(10), [], 'it is with the caller for now')
  t.match(await world.findUser(), { epoch: 1, verifier: /^verifier \d$/ })
  t.match(await world.deliver(), [{ kind: 'password_changed', recipient: 'Ann@Example.com' }])
})

test('a reset is void once the address is another one, and gives a first password to who had none', async (t) => {
  const world = await openWithUser(t)
  const { userId, users, db } = world
  await world.deliver()
  await world.requestReset()
  const before = await deliverOne(world, 'password_reset')
  await users.updateProfile({ userId, identifiers: { email: email('bea') } }, () => createEvent(userId))
  t.equal(await world.recovery.findReset(before), undefined)
  t.equal(await world.reset(before), undefined)

  await db.deleteFrom('passwords').execute()
  await world.recovery.requestResetFor({ userId, address: email('bea').canonical }, createEvent(userId))
  t.match(await world.reset(await deliverOne(world, 'password_reset')), { epoch: 1 })
  t.match(await world.findUser(), { verifier: 'new verifier' })
})

test('a reset is void once an hour is over', async (t) => {
  const world = await openWithUser(t)
  const { db, recovery } = world
  await world.deliver()
  await world.requestReset()
  const hash = await deliverOne(world, 'password_reset')
  const left = sql<number>`extract(epoch from expires_at - now())::float8`.as('left')
  const link = db.selectFrom('mailLinks').select(left).where('purpose', '=', 'password_reset')
  const seconds = (await link.executeTakeFirstOrThrow()).left
  t.ok(seconds > 3000 && seconds <= 3600, `${seconds}`)
  t.equal(await recovery.findReset(hash), world.userId)
  await world.expire()
  t.equal(await recovery.findReset(hash), undefined)
  t.equal(await world.reset(hash), undefined)
  t.match(await world.findUser(), { epoch: 0, verifier: 'first verifier' })
})

test('to one address three resets leave within an hour, each voids the one before, and a fourth changes nothing', async (t) => {
  const world = await openWithUser(t)
  await world.deliver()
  const hashes = []
  for (let count = 0; count < 3; count += 1) {
    await world.requestReset()
    hashes.push(await deliverOne(world, 'password_reset'))
  }
  t.same(await world.requestReset(), ok(undefined))
  t.same(await world.deliver(), [])
  for (const hash of hashes.slice(0, 2)) {
    t.equal(await world.recovery.findReset(hash), undefined)
    t.equal(await world.reset(hash), undefined)
  }
  t.equal(await world.recovery.findReset(hashes[2] ?? ''), world.userId)
  await world.db.updateTable('mailQuotas').set({ resetsAt: sql`now()` }).execute()
  await world.requestReset()
  t.equal((await world.deliver()).length, 1, 'the next hour has a count of its own')
})

test('one source is refused after thirty requests, whether or not somebody has the address', async (t) => {
  const { recovery } = await openWithUser(t)
  const request = (index: number) => recovery.requestReset({ address: `${index}@example.com`, source: '192.0.2.1' })
  const outcomes = await Promise.all(Array.from({ length: 35 }, (_, index) => request(index)))
  t.equal(outcomes.filter(({ ok }) => ok).length, 30)
  t.match(await request(36), { code: 'too_many_attempts', details: { retryAfterSeconds: Number } })
  t.same(await recovery.requestReset({ address: email('ann').canonical, source: '192.0.2.2' }), ok(undefined))
})

test('parallel requests for one address leave one link', async (t) => {
  const world = await openWithUser(t)
  await world.deliver()
  await Promise.all(Array.from({ length: 3 }, () => world.requestReset()))
  t.equal((await world.deliver()).length, 1)
})

test('a session is asked about once, and its link is used up by removing it', async (t) => {
  const { recovery, deliver, userId } = await openWithUser(t)
  await deliver()
  const details = { device: 'Firefox on Linux', ip: '192.0.2.1', at: '2026-11-21T09:30:00.000Z' }
  const ask = (sessionId: string) =>
    recovery.askAboutSession({ userId, address: email('ann').canonical, sessionId, details })
  await Promise.all([ask('first'), ask('first'), ask('second')])
  const mails = await deliver()
  t.match(
    mails.map(({ kind }) => kind),
    ['new_device', 'new_device']
  )
  const reports = await Promise.all(mails.map(({ hash }) => recovery.findReport(hash)))
  t.same(reports.map((report) => report?.sessionId).toSorted(), ['first', 'second'])
  const hash = mails[0]?.hash ?? ''
  const removed = await Promise.all([recovery.removeReport(hash), recovery.removeReport(hash)])
  t.same(removed.toSorted(), [false, true])
  t.equal(await recovery.findReport(hash), undefined)
})
