import { runSql } from '@latchkey/testing/dumps'
import type { Answer } from './http.ts'
import { newEmail, register, signIn } from './people.ts'
import type { Stack } from './stack.ts'

/** As an operator may who has the database: who signs in afterwards is an admin. */
export async function giveAdminRole(databaseUrl: string, userId: string): Promise<void> {
  const change = `update users set role = 'admin', profile_version = profile_version + 1 where id = '${userId}'`
  await runSql(databaseUrl, change)
}

/** Somebody whom the operator has made an admin, signed in. */
export async function signInAdmin({ api, environment }: Stack): Promise<Answer> {
  const email = newEmail()
  const { user } = (await register(api, email)).body
  await giveAdminRole(environment.DATABASE_URL ?? '', user.id)
  return await signIn(api, email)
}
