import type { IdentifierKind } from '@latchkey/contracts/auth'
import { type Kysely, sql } from 'kysely'
import type { CanonicalIdentifier } from '../domain/identifiers.ts'
import type { Credentials, User, UserBlock } from '../domain/ports.ts'
import type { Database } from './database.ts'
import { isBlockCurrent } from './last-admin.ts'

type Entered = { readonly [K in IdentifierKind]?: string }

/** Users with their password's verifier, the block that holds now and their identifiers, in one row each. */
export function selectUsers(db: Kysely<Database>) {
  return db
    .selectFrom('users')
    .leftJoin('passwords', 'passwords.userId', 'users.id')
    .leftJoin('userBlocks', (join) => join.onRef('userBlocks.userId', '=', 'users.id').on(isBlockCurrent))
    .selectAll('users')
    .select([
      'passwords.verifier',
      'userBlocks.blockedAt',
      'userBlocks.blockedUntil',
      'userBlocks.blockedBy',
      'userBlocks.note'
    ])
    .select((eb) =>
      eb
        .selectFrom('userIdentifiers as own')
        .whereRef('own.userId', '=', 'users.id')
        .select(sql<Entered | null>`json_object_agg(own.kind, own.entered)`.as('entered'))
        .as('entered')
    )
}

export async function findById(db: Kysely<Database>, userId: string): Promise<Credentials | undefined> {
  const row = await selectUsers(db).where('users.id', '=', userId).executeTakeFirst()
  return row === undefined ? undefined : toCredentials(row)
}

/** One statement whatever the candidates, also when there are none. */
export async function findByIdentifier(
  db: Kysely<Database>,
  candidates: readonly CanonicalIdentifier[]
): Promise<Credentials | undefined> {
  const kinds = candidates.map(({ kind }) => kind)
  const canonicals = candidates.map(({ canonical }) => canonical)
  const rows = await selectUsers(db)
    .innerJoin('userIdentifiers as matched', 'matched.userId', 'users.id')
    .select('matched.kind')
    .where(sql<boolean>`(matched.kind, matched.canonical) in
      (select kind, canonical from unnest(${kinds}::text[], ${canonicals}::text[]) as candidate (kind, canonical))`)
    .execute()
  const preferred = kinds.map((kind) => rows.find((row) => row.kind === kind)).find((row) => row !== undefined)
  return preferred === undefined ? undefined : toCredentials(preferred)
}

type Row = Awaited<ReturnType<ReturnType<typeof selectUsers>['executeTakeFirstOrThrow']>>

export function toUser({ entered, epoch, profileVersion, ...row }: Row): User {
  const profile = {
    id: row.id,
    number: row.number,
    email: entered?.email ?? null,
    emailVerified: row.emailVerified,
    username: entered?.username ?? null,
    mobile: entered?.mobile ?? null,
    firstName: row.firstName,
    lastName: row.lastName,
    role: row.role,
    createdAt: row.createdAt.toISOString()
  }
  return { profile, epoch, profileVersion, block: toBlock(row) }
}

function toBlock({
  blockedAt,
  blockedUntil,
  blockedBy,
  note
}: Pick<Row, 'blockedAt' | 'blockedUntil' | 'blockedBy' | 'note'>): UserBlock | undefined {
  if (blockedAt === null) return undefined
  return { at: blockedAt, until: blockedUntil ?? undefined, by: blockedBy ?? undefined, note: note ?? undefined }
}

function toCredentials(row: Row): Credentials {
  return { ...toUser(row), verifier: row.verifier ?? undefined }
}
