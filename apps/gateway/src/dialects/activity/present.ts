import type { Tokens } from '@latchkey/contracts/tokens'

export function presentToken({ accessToken }: Tokens) {
  return { token: accessToken }
}

export function presentActivity() {
  return { message: 'unblocked activity' }
}
