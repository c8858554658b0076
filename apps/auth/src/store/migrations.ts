import type { Kysely } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { up as users } from './migrations/0001-users.ts'
import { up as pending } from './migrations/0002-pending.ts'
import { up as outbox } from './migrations/0003-outbox.ts'
import { up as mail } from './migrations/0010-mail.ts'
import { up as factors } from './migrations/0020-factors.ts'
import { up as administration } from './migrations/0030-administration.ts'
import { up as userSearch } from './migrations/0031-user-search.ts'
import { up as erasures } from './migrations/0040-erasures.ts'

/** In order, forward only: the image before has to work on what the newest one leaves. */
const migrations: Record<string, Migration> = {
  '0001-users': { up: users },
  '0002-pending': { up: pending },
  '0003-outbox': { up: outbox },
  '0010-mail': { up: mail },
  '0020-factors': { up: factors },
  '0030-administration': { up: administration },
  '0031-user-search': { up: userSearch },
  '0040-erasures': { up: erasures }
}

function createMigrator<DB>(db: Kysely<DB>): Migrator {
  return new Migrator({ db, provider: { getMigrations: async () => migrations } })
}

/** Applies what is pending, all or nothing, and answers the names. Of several who try at once, one does it. */
export async function migrate<DB>(db: Kysely<DB>): Promise<string[]> {
  const { error, results = [] } = await createMigrator(db).migrateToLatest()
  if (error !== undefined) throw error
  return results.map(({ migrationName }) => migrationName)
}

export async function listPendingMigrations<DB>(db: Kysely<DB>): Promise<string[]> {
  const known = await createMigrator(db).getMigrations()
  return known.filter(({ executedAt }) => executedAt === undefined).map(({ name }) => name)
}
