import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { getJson, type HttpClient } from '../load/http-client.ts'
import { PASSWORD } from '../who-am-i.ts'

const SignedIn = Type.Object({ accessToken: Type.String(), refreshToken: Type.String() })
export type SignedIn = Static<typeof SignedIn>

/** The calls of the public API that the measures make. */
export function createAccounts(client: HttpClient, gatewayUrl: string) {
  const post = async (path: string, body: object, status: number): Promise<SignedIn> =>
    Value.Parse(SignedIn, await getJson(client, { method: 'POST', url: `${gatewayUrl}${path}`, body }, status))
  return {
    register: (email: string) => post('/v1/users', { email, password: PASSWORD }, 201),
    /** The device's earlier session ends, so that users do not gather sessions while they are measured. */
    signIn: (email: string) => {
      const deviceId = `device-${email.replace('@', '.')}`
      return post('/v1/sessions', { identifier: email, password: PASSWORD, deviceId }, 201)
    },
    refresh: (refreshToken: string) => post('/v1/sessions/refresh', { refreshToken }, 200)
  }
}

export type Accounts = ReturnType<typeof createAccounts>

export function bearer(token: string): { readonly authorization: string } {
  return { authorization: `Bearer ${token}` }
}
