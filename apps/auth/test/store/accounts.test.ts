import { randomUUIDv7 } from 'node:crypto'
import { test } from 'tap'
import type { ImportedUser } from '../../src/domain/account-ports.ts'
import type { OwnedIdentifier } from '../../src/domain/identifiers.ts'
import { createEvent, createNewUser, email, openTestStores, username } from './stores.ts'

function createImported(line: number, identifiers: OwnedIdentifier[], given: Partial<ImportedUser> = {}): ImportedUser {
  return {
    line,
    id: randomUUIDv7(),
    isIdGiven: false,
    identifiers,
    emailVerified: true,
    firstName: 'Ann',
    lastName: null,
    role: 'user',
    createdAt: '2020-01-02T03:04:05.678Z',
    verifier: 'imported verifier',
    ...given
  }
}

test('users come in with everything that was given, an event each, in the order of the lines', async (t) => {
  const { accounts, users, db } = await openTestStores(t)
  const batch = ['ann', 'bob', 'eve'].map((name, n) => createImported(n + 1, [email(name), username(name)]))
  t.same(await accounts.insertMany(batch, createEvent), [])
  const [first, second] = await Promise.all(batch.slice(0, 2).map(({ id }) => users.findById(id)))
  t.match(first, {
    verifier: 'imported verifier',
    profile: { email: 'ann@Example.com', emailVerified: true, firstName: 'Ann', createdAt: '2020-01-02T03:04:05.678Z' }
  })
  t.ok((first?.profile.number ?? 0) < (second?.profile.number ?? 0))
  t.equal((await db.selectFrom('outbox').selectAll().execute()).length, 3)
})

test('who cannot be added is told why and leaves nothing; the others are added', async (t) => {
  const { accounts, users, erasures, db } = await openTestStores(t)
  const present = createNewUser(email('ann'))
  await users.insert(present, createEvent(present.id))
  const deleted = createNewUser(email('gone'))
  await users.insert(deleted, createEvent(deleted.id))
  await erasures.deleteUser({ userId: deleted.id, epoch: undefined }, createEvent(randomUUIDv7()))
  await erasures.settle(deleted.id)
  const twice = randomUUIDv7()
  const faults = await accounts.insertMany(
    [
      createImported(1, [email('bob')]),
      createImported(2, [username('new'), email('ann')]),
      createImported(3, [email('bob')]),
      createImported(4, [email('carl')], { id: present.id, isIdGiven: true }),
      createImported(5, [email('dora')], { id: deleted.id, isIdGiven: true }),
      createImported(6, [email('eve')], { id: twice, isIdGiven: true }),
      createImported(7, [email('fred')], { id: twice, isIdGiven: true }),
      createImported(8, [email('gone')], { verifier: undefined })
    ],
    createEvent
  )
  t.same(faults.map(({ line, field, code }) => [line, field, code]).toSorted(), [
    [2, 'email', 'identifier_taken'],
    [3, 'email', 'identifier_taken'],
    [4, 'id', 'taken'],
    [5, 'id', 'taken'],
    [7, 'id', 'taken']
  ])
  const left = await db.selectFrom('userIdentifiers').select('canonical').orderBy('canonical').execute()
  const names = ['ann', 'bob', 'eve', 'gone'].map((name) => `${name}@example.com`)
  t.same(
    left.map(({ canonical }) => canonical),
    names
  )
  t.equal((await db.selectFrom('users').selectAll().execute()).length, 4)
})

test('imports of the same file at once add each user once', async (t) => {
  const { accounts, db } = await openTestStores(t)
  const file = () => Array.from({ length: 100 }, (_, n) => createImported(n + 1, [email(`u${n}`), username(`u${n}`)]))
  const shuffled = file().toReversed()
  const faults = await Promise.all([file(), shuffled, file()].map((users) => accounts.insertMany(users, createEvent)))
  t.equal(faults.flat().length, 200)
  t.equal((await db.selectFrom('users').selectAll().execute()).length, 100)
  t.equal((await db.selectFrom('userIdentifiers').selectAll().execute()).length, 200)
})

test('all users are listed in batches, as they can be imported', async (t) => {
  const { accounts, users } = await openTestStores(t)
  await accounts.insertMany(
    Array.from({ length: 5 }, (_, n) => createImported(n + 1, [email(`u${n}`)])),
    createEvent
  )
  const plain = { ...createNewUser(username('plain')), verifier: undefined }
  await users.insert(plain, createEvent(plain.id))
  const first = await accounts.listAfter(0, 4)
  const rest = await accounts.listAfter(first.last ?? 0, 4)
  t.same(
    first.users.map(({ email }) => email),
    ['u0@Example.com', 'u1@Example.com', 'u2@Example.com', 'u3@Example.com']
  )
  t.match(first.users[0], { passwordHash: 'imported verifier', emailVerified: true, role: 'user' })
  t.match(rest.users[1], { username: 'plain' })
  t.notOk('passwordHash' in (rest.users[1] ?? {}))
  t.same(await accounts.listAfter(rest.last ?? 0, 4), { users: [], last: undefined })
})

test('what is held about a user is told without anything that authenticates', async (t) => {
  const { accounts, users } = await openTestStores(t)
  const user = createNewUser(email('Ann'))
  await users.insert(user, createEvent(user.id))
  const data = await accounts.findData(user.id)
  t.match(data, {
    profile: { id: user.id },
    identifiers: [{ kind: 'email', entered: 'Ann@Example.com', canonical: 'ann@example.com' }],
    hasPassword: true,
    passwordChangedAt: /Z$/
  })
  t.notMatch(JSON.stringify(data), 'first verifier')
  t.equal(await accounts.findData(randomUUIDv7()), undefined)
})
