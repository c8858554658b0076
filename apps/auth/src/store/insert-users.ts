import type { LineFault } from '@latchkey/contracts/accounts'
import type { IdentifierKind } from '@latchkey/contracts/auth'
import type { PlatformEvent } from '@latchkey/contracts/events'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { ImportedUser } from '../domain/account-ports.ts'
import type { Database } from './database.ts'
import { hashId } from './erasures.ts'

type Claimed = Readonly<Record<'kind' | 'canonical' | 'userId', string>>

/** A handful of statements, however many users: each brings its rows as arrays. */
export async function insertUsers(
  db: Kysely<Database>,
  users: readonly ImportedUser[],
  describe: (userId: string) => PlatformEvent
): Promise<LineFault[]> {
  if (users.length === 0) return []
  return await db.transaction().execute(async (trx) => {
    const takenIds = await findTakenIds(trx, users)
    const candidates = users.filter(({ line }) => !takenIds.has(line))
    const { accepted, refused } = await claimAll(trx, candidates)
    await insertRows(trx, accepted)
    await insertVerifiers(trx, accepted)
    await insertEvents(
      trx,
      accepted.map(({ id }) => describe(id))
    )
    const idFaults = [...takenIds].map((line) => ({ line, field: 'id', code: 'taken', message: 'is taken' }))
    return [...idFaults, ...refused]
  })
}

/** Lines whose id is somebody's, or was until lately, or is on an earlier line. */
async function findTakenIds(trx: Transaction<Database>, users: readonly ImportedUser[]): Promise<Set<number>> {
  const given = users.filter(({ isIdGiven }) => isIdGiven)
  if (given.length === 0) return new Set()
  const ids = given.map(({ id }) => id)
  const { rows } = await sql<{ id: string }>`
    select id::text as id from users where id = any(${ids}::uuid[])`.execute(trx)
  const erased = await trx.selectFrom('erasures').select('idHash').where('idHash', 'in', ids.map(hashId)).execute()
  const hashes = new Set(erased.map(({ idHash }) => idHash.toString('hex')))
  const taken = new Set(rows.map(({ id }) => id))
  const lines = new Set<number>()
  for (const { id, line } of given) {
    if (taken.has(id) || hashes.has(hashId(id).toString('hex'))) lines.add(line)
    taken.add(id)
  }
  return lines
}

interface Claims {
  readonly accepted: readonly ImportedUser[]
  readonly refused: readonly LineFault[]
}

/** Claims identifiers before the users are made, in one order everywhere; gives back those of whoever got only some. */
async function claimAll(trx: Transaction<Database>, users: readonly ImportedUser[]): Promise<Claims> {
  const wanted = users.flatMap((user, order) =>
    user.identifiers.map(({ kind, canonical, entered }) => ({ kind, canonical, entered, userId: user.id, order }))
  )
  const ordered = wanted.toSorted(
    (a, b) => a.kind.localeCompare(b.kind) || compare(a.canonical, b.canonical) || a.order - b.order
  )
  const column = (name: 'kind' | 'canonical' | 'entered' | 'userId') => ordered.map((row) => row[name])
  const { rows } = await sql<Claimed>`
    insert into user_identifiers (kind, canonical, entered, user_id)
    select * from unnest(
      ${column('kind')}::text[], ${column('canonical')}::text[], ${column('entered')}::text[], ${column('userId')}::uuid[])
    on conflict do nothing
    returning kind, canonical, user_id`.execute(trx)
  const claimed = new Set(rows.map(({ userId, kind }) => `${userId} ${kind}`))
  const missing = (user: ImportedUser): IdentifierKind | undefined =>
    user.identifiers.find(({ kind }) => !claimed.has(`${user.id} ${kind}`))?.kind
  const accepted = users.filter((user) => missing(user) === undefined)
  const others = users.filter((user) => missing(user) !== undefined)
  const ids = others.map(({ id }) => id)
  if (ids.length > 0) await sql`delete from user_identifiers where user_id = any(${ids}::uuid[])`.execute(trx)
  const refused = others.map((user) => ({
    line: user.line,
    field: missing(user) ?? '',
    code: 'identifier_taken',
    message: 'is taken'
  }))
  return { accepted, refused }
}

/** As PostgreSQL does in collation "C": by code unit, which is the same order for whoever claims in it. */
function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

async function insertRows(trx: Transaction<Database>, users: readonly ImportedUser[]): Promise<void> {
  await sql`
    insert into users (id, first_name, last_name, role, email_verified, created_at)
    select id, first_name, last_name, role, email_verified, created_at from unnest(
      ${users.map(({ id }) => id)}::uuid[],
      ${users.map(({ firstName }) => firstName)}::text[],
      ${users.map(({ lastName }) => lastName)}::text[],
      ${users.map(({ role }) => role)}::text[],
      ${users.map(({ emailVerified }) => emailVerified)}::boolean[],
      ${users.map(({ createdAt }) => createdAt)}::timestamptz[]
    ) with ordinality as given (id, first_name, last_name, role, email_verified, created_at, place)
    order by place`.execute(trx)
}

async function insertVerifiers(trx: Transaction<Database>, users: readonly ImportedUser[]): Promise<void> {
  const withPassword = users.filter(({ verifier }) => verifier !== undefined)
  await sql`
    insert into passwords (user_id, verifier)
    select * from unnest(
      ${withPassword.map(({ id }) => id)}::uuid[],
      ${withPassword.map(({ verifier }) => verifier)}::text[])`.execute(trx)
}

async function insertEvents(trx: Transaction<Database>, events: readonly PlatformEvent[]): Promise<void> {
  const texts = events.map((event) => JSON.stringify(event))
  await sql`insert into outbox (event) select event::jsonb from unnest(${texts}::text[]) as event`.execute(trx)
}
