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

async function putPending(db: Kysely<Database>, userId: string, secret: Buffer): Promise<boolean> {
  const put = await db
    .insertInto('totpFactors')
    .values({ userId, secret })
    .onConflict((conflict) =>
      conflict
        .column('userId')
        .doUpdateSet({ secret, lastStep: 0, createdAt: sql`now()` })
        .where('totpFactors.confirmedAt', 'is', null)
    )
    .returning('userId')
    .executeTakeFirst()
  return put !== undefined
}

async function countAttempt(db: Kysely<Database>, userId: string, { limit, windowSeconds }: AttemptBudget) {
  const windowEnd = sql<Date>`now() + make_interval(secs => ${windowSeconds})`
  const isOver = sql<boolean>`factor_attempts.resets_at <= now()`
  const { count, retryAfterSeconds } = await db
    .insertInto('factorAttempts')
    .values({ userId, count: 1, resetsAt: windowEnd })
    .onConflict((conflict) =>
      conflict.column('userId').doUpdateSet({
        count: sql`case when ${isOver} then 1 else least(factor_attempts.count, ${limit}) + 1 end`,
        resetsAt: sql`case when ${isOver} then ${windowEnd} else factor_attempts.resets_at end`
      })
    )
    .returning(['count', sql<number>`ceil(extract(epoch from resets_at - now()))::integer`.as('retryAfterSeconds')])
    .executeTakeFirstOrThrow()
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
