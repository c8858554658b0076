import { execFile } from 'node:child_process'
import process from 'node:process'
import { promisify } from 'node:util'
import { adminContract } from '@latchkey/contracts/admin'
import { createClient } from '@latchkey/messaging/client'
import { openNatsTransport } from '@latchkey/messaging/nats'
import { withUser } from '@latchkey/testing/guarded-stores'
import type { TestServer } from '@latchkey/testing/stores'
import { type Environment, nodeArguments } from './environment.ts'
import type { Api } from './http.ts'
import { newEmail, PASSWORD, signIn } from './people.ts'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** Makes a user an admin as whoever runs the platform may: over the bus, with the gateway's rights but past its routes. */
export async function makeAdmin({ nats }: { readonly nats: TestServer }, userId: string): Promise<void> {
  const transport = openNatsTransport({ url: withUser(nats.url, 'gateway'), name: 'gateway', log: silent })
  try {
    await transport.flush(5000)
    const request = { userId, role: 'admin', actor: { kind: 'system', id: null } } as const
    const made = await createClient(adminContract, transport, silent).setRole(request, {
      requestId: 'e2e-make-admin',
      timeoutMs: 5000
    })
    if (!made.ok) throw new Error(`no admin: ${made.code}`)
  } finally {
    await transport.close()
  }
}

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
