import { randomBytes } from 'node:crypto'
import type { Answer, Api } from './http.ts'

export const PASSWORD = 'correct horse battery staple'

/** An address nobody else in the test has. */
export function newEmail(): string {
  return `person-${randomBytes(6).toString('hex')}@example.com`
}

/** Signs a new person up and returns the whole answer, whose body holds the tokens. */
export function register(api: Api, email = newEmail(), headers: Record<string, string> = {}): Promise<Answer> {
  return api('POST', '/v1/users', { body: { email, password: PASSWORD }, headers })
}

export function signIn(
  api: Api,
  email: string,
  device: { userAgent?: string; deviceId?: string } = {}
): Promise<Answer> {
  const { userAgent, deviceId } = device
  return api('POST', '/v1/sessions', {
    body: { identifier: email, password: PASSWORD, ...(deviceId === undefined ? {} : { deviceId }) },
    ...(userAgent === undefined ? {} : { headers: { 'user-agent': userAgent } })
  })
}

/** Asks until the answer is as wanted, for at most `withinMs`; returns the last answer either way. */
export async function eventually<T>(
  ask: () => Promise<T>,
  wanted: (answer: T) => boolean,
  withinMs = 15_000
): Promise<T> {
  const end = performance.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (wanted(answer) || performance.now() > end) return answer
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
