import { type Answered, NO_ANSWER, readJson } from '../history/gateway-client.ts'

/** What clients do. `accessEnded` asks in the name of a session that has ended. */
export const KINDS = [
  'access',
  'accessEnded',
  'signIn',
  'register',
  'refresh',
  'revoke',
  'changePassword',
  'block'
] as const
export type Kind = (typeof KINDS)[number]

/**
 * `good` as documented for one who asks rightly; `unavailable` 503 that says when to try again; `limited` 429 that does;
 * `hang` no answer by the deadline; `broken` a connection that was refused or cut; `wrong` a yes or a no that is not
 * true; `improper` any other answer.
 */
export type Verdict = 'good' | 'unavailable' | 'limited' | 'hang' | 'broken' | 'wrong' | 'improper'

/** One request, by the monotonic clock of whoever asks, in milliseconds. */
export interface Observed {
  readonly kind: Kind
  readonly gateway: number
  /** When it was due; it is sent then or, where the asking process was busy, later. */
  readonly due: number
  readonly start: number
  readonly end: number
  readonly status: number
  readonly verdict: Verdict
  /** Status and code, for a person. */
  readonly detail: string
}

const GOOD: Readonly<Record<Kind, number>> = {
  access: 200,
  accessEnded: 401,
  signIn: 201,
  register: 201,
  refresh: 200,
  revoke: 204,
  changePassword: 204,
  block: 200
}

/** What an answer means where the one good answer is certain; a yes or a no in its place is `wrong`. */
export function judgeAnswer(kind: Kind, { status, text, retryAfter }: Answered): Verdict {
  if (status === 0) return text === NO_ANSWER ? 'hang' : 'broken'
  if (status === GOOD[kind]) return 'good'
  const saysWhen = /^[1-9]\d*$/.test(retryAfter ?? '')
  if (status === 503 && saysWhen) return 'unavailable'
  if (status === 429 && saysWhen) return 'limited'
  return status < 300 || status === 401 || status === 403 ? 'wrong' : 'improper'
}

export function describeAnswer({ status, text }: Answered): string {
  return status === 0 ? text : `${status} ${readJson(text).code ?? text.slice(0, 80)}`
}
