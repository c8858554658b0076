import type { Profile } from '@latchkey/contracts/ids'

export function presentUser({ number }: Profile) {
  return { user_id: number }
}

export function presentRegistered(user: Profile) {
  return { message: 'User registered successfully', ...presentUser(user) }
}
