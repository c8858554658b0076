import { runSql } from '@latchkey/testing/dumps'
import type { Answer } from './http.ts'
import { newEmail, register, signIn } from './people.ts'
import type { Stack } from './stack.ts'

/** Somebody whom the operator has made an admin, signed in. */
export async function signInAdmin({ api, environment }: Stack): Promise<Answer> {
  const email = newEmail()
  const { user } = (await register(api, email)).body
  const change = `update users set role = 'admin', profile_version = profile_version + 1 where id = '${user.id}'`
  await runSql(environment.DATABASE_URL ?? '', change)
  return await signIn(api, email)
}
