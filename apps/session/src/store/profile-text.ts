import type { Profile } from '@latchkey/contracts/ids'

type ProfileText = readonly [
  number: number,
  email: string | null,
  emailVerified: 0 | 1,
  username: string | null,
  mobile: string | null,
  firstName: string | null,
  lastName: string | null,
  isAdmin: 0 | 1,
  createdAtMs: number
]

/** A profile without its id and without names of fields, which would cost more memory than the values. */
export function encodeProfile(profile: Profile): string {
  const { number, email, emailVerified, username, mobile, firstName, lastName, role, createdAt } = profile
  const text: ProfileText = [
    number,
    email,
    emailVerified ? 1 : 0,
    username,
    mobile,
    firstName,
    lastName,
    role === 'admin' ? 1 : 0,
    Date.parse(createdAt)
  ]
  return JSON.stringify(text)
}

export function decodeProfile(id: string, text: string): Profile {
  const [number, email, emailVerified, username, mobile, firstName, lastName, isAdmin, createdAtMs] = JSON.parse(
    text
  ) as ProfileText
  return {
    id,
    number,
    email,
    emailVerified: emailVerified === 1,
    username,
    mobile,
    firstName,
    lastName,
    role: isAdmin === 1 ? 'admin' : 'user',
    createdAt: new Date(createdAtMs).toISOString()
  }
}
