import { fail, ok } from '@latchkey/contracts/errors'
import { type Kysely, sql } from 'kysely'
import type { AttemptBudget, Factor, FactorStore } from '../domain/factor-ports.ts'
import { thenTell } from './attempt.ts'
import type { Database } from './database.ts'
import type { EventStoreOptions } from './options.ts'
import { enableFactor, removeFactor } from './switch-factor.ts'

/** How long a secret waits to be confirmed. */
const pendingSince = sql<Date>`now() - interval '15 minutes'`

export function createFactorStore({ db, attempt, onEvent }: EventStoreOptions): FactorStore {
  const write = thenTell(attempt, onEvent)
  return {
    describe: (userId) => attempt(() => describeFactor(db, userId)),
    find: (userId) => attempt(() => findFactor(db, userId)),
    putPending: (userId, secret) => attempt(() => putPending(db, userId, secret)),
    countAttempt: (userId, budget) => attempt(() => countAttempt(db, userId, budget)),
    takeStep: (userId, secret, step) => attempt(() => takeStep(db, { userId, secret, step })),
    burnRecoveryCode: (userId, hash) => attempt(() => burnRecoveryCode(db, userId, hash)),
    enable: (userId, factor, event) => write(() => enableFactor(db, { userId, ...factor }, event)),
    remove: (removal, describe) => write(() => removeFactor(db, removal, describe))
  }
}

async function describeFactor(db: Kysely<Database>, userId: string) {
  const row = await db
    .selectFrom('totpFactors')
    .leftJoin('recoveryCodes', 'recoveryCodes.userId', 'totpFactors.userId')
    .where('totpFactors.userId', '=', userId)
    .where('confirmedAt', 'is not', null)
    .select(sql<number>`count(hash)::integer`.as('recoveryCodesLeft'))
    .groupBy('totpFactors.userId')
    .executeTakeFirst()
  return { enabled: row !== undefined, recoveryCodesLeft: row?.recoveryCodesLeft ?? 0 }
}

async function findFactor(db: Kysely<Database>, userId: string): Promise<Factor | undefined> {
  const row = await db
    .selectFrom('totpFactors')
    .where('userId', '=', userId)
    .where((eb) => eb.or([eb('confirmedAt', 'is not', null), eb('createdAt', '>', pendingSince)]))
    .select(['secret', 'confirmedAt'])
    .executeTakeFirst()
  return row === undefined ? undefined : { secret: row.secret, state: row.confirmedAt === null ? 'pending' : 'on' }
}

/** For a statement that adds a row of the user: whom somebody is deleting is waited for, and then not there. */
function withUser(db: Kysely<Database>, userId: string) {
  return db.with('owner', (cte) => cte.selectFrom('users').select('id').where('id', '=', userId).forKeyShare())
}

async function putPending(db: Kysely<Database>, userId: string, secret: Buffer) {
  const owner = await withUser(db, userId)
    .with('put', (cte) =>
      cte
        .insertInto('totpFactors')
        .columns(['userId', 'secret'])
        .expression((eb) => eb.selectFrom('owner').select(['id', sql<Buffer>`${secret}::bytea`.as('secret')]))
        .onConflict((conflict) =>
          conflict
            .column('userId')
            .doUpdateSet({ secret, lastStep: 0, createdAt: sql`now()` })
            .where('totpFactors.confirmedAt', 'is', null)
        )
        .returning('userId')
    )
    .selectFrom('owner')
    .leftJoin('put', 'put.userId', 'owner.id')
    .select('put.userId as pendingFor')
    .executeTakeFirst()
  if (owner === undefined) return fail('user_not_found')
  return owner.pendingFor === null ? fail('factor_enabled') : ok(undefined)
}

async function countAttempt(db: Kysely<Database>, userId: string, { limit, windowSeconds }: AttemptBudget) {
  const windowEnd = sql<Date>`now() + make_interval(secs => ${windowSeconds})`
  const isOver = sql<boolean>`factor_attempts.resets_at <= now()`
  const counted = await withUser(db, userId)
    .insertInto('factorAttempts')
    .columns(['userId', 'count', 'resetsAt'])
    .expression((eb) => eb.selectFrom('owner').select(['id', sql<number>`1`.as('count'), windowEnd.as('resetsAt')]))
    .onConflict((conflict) =>
      conflict.column('userId').doUpdateSet({
        count: sql`case when ${isOver} then 1 else least(factor_attempts.count, ${limit}) + 1 end`,
        resetsAt: sql`case when ${isOver} then ${windowEnd} else factor_attempts.resets_at end`
      })
    )
    .returning(['count', sql<number>`ceil(extract(epoch from resets_at - now()))::integer`.as('retryAfterSeconds')])
    .executeTakeFirst()
  if (counted === undefined) return fail('user_not_found')
  const { count, retryAfterSeconds } = counted
  return count > limit
    ? fail('too_many_attempts', { retryAfterSeconds: Math.max(1, retryAfterSeconds) })
    : ok(undefined)
}

interface Step {
  readonly userId: string
  readonly secret: Buffer
  readonly step: number
}

async function takeStep(db: Kysely<Database>, { userId, secret, step }: Step): Promise<boolean> {
  const taken = await db
    .with('taken', (cte) =>
      cte
        .updateTable('totpFactors')
        .set({ lastStep: step })
        .where('userId', '=', userId)
        .where('secret', '=', secret)
        .where('lastStep', '<', step)
        .returning('userId')
    )
    .with('reset', (cte) =>
      cte.deleteFrom('factorAttempts').using('taken').whereRef('factorAttempts.userId', '=', 'taken.userId')
    )
    .selectFrom('taken')
    .select('userId')
    .executeTakeFirst()
  return taken !== undefined
}

async function burnRecoveryCode(db: Kysely<Database>, userId: string, hash: Buffer): Promise<boolean> {
  const burned = await db
    .with('burned', (cte) =>
      cte.deleteFrom('recoveryCodes').where('userId', '=', userId).where('hash', '=', hash).returning('userId')
    )
    .with('reset', (cte) =>
      cte.deleteFrom('factorAttempts').using('burned').whereRef('factorAttempts.userId', '=', 'burned.userId')
    )
    .selectFrom('burned')
    .select('userId')
    .executeTakeFirst()
  return burned !== undefined
}
