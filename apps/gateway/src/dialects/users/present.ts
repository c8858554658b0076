import type { SignedIn } from '@latchkey/contracts/auth'
import type { Profile } from '@latchkey/contracts/ids'

export function presentUser({ id, firstName, lastName, email }: Profile) {
  return { _id: id, fullname: { firstname: firstName, lastname: lastName }, email }
}

export function presentSignedIn({ user, tokens }: SignedIn) {
  return { token: tokens.accessToken, user: presentUser(user) }
}

const user = {
  _id: '019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b21',
  fullname: { firstname: 'John', lastname: 'Doe' },
  email: 'john@example.com'
}

/** Of answers. */
export const examples = {
  user: [user],
  signedIn: [{ token: 'eyJ0eXAiOiJhdCtqd3QifQ.eyJzdWIiOiIwMTlhOWYzZSJ9.c2lnbmF0dXJl', user }]
}
