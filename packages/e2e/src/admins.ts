import { execFile } from 'node:child_process'
import process from 'node:process'
import { promisify } from 'node:util'
import { type Environment, nodeArguments } from './environment.ts'
import type { Api } from './http.ts'
import { newEmail, PASSWORD, signIn } from './people.ts'

export interface SignedInPerson {
  readonly id: string
  readonly email: string
  readonly token: string
}

/** Makes an admin as an operator does, and signs them in. */
export async function createAdmin(api: Api, environment: Environment): Promise<SignedInPerson> {
  const email = newEmail()
  const args = [...nodeArguments('auth', 'admin-create'), '--email', email, '--password', PASSWORD]
  await promisify(execFile)(process.execPath, args, { env: environment })
  const { body } = await signIn(api, email)
  return { id: body.user.id, email, token: body.accessToken }
}
