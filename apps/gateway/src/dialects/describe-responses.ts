import { type ErrorCode, type Failure, fail, failField } from '@latchkey/contracts/errors'
import type { RouteOptions } from 'fastify'
import type { Access } from '../access.ts'
import { describeExamples } from './describe-examples.ts'
import type { Refusals } from './refusals.ts'

type Answers = Readonly<Record<number, readonly object[]>>

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Examples of what the route answers when all is well, by status; whoever gives them describes the errors, too. */
    answers?: Answers
  }
}

/** What one interface has on a path. */
export interface Door {
  readonly path: string
  readonly access: Access
  readonly body: unknown
  readonly answers: Answers
  readonly errors: readonly ErrorCode[]
  readonly refusals: Refusals
}

export function readDoor({ url, config, schema }: RouteOptions, refusals: Refusals): Door {
  const { access = 'public', answers = {}, errors: named = [], limit } = config ?? {}
  const errors = limit === undefined ? named : [...new Set([...named, 'too_many_attempts' as const])]
  return { path: url, access, body: schema?.body, answers, errors, refusals }
}

/** The responses of a path in the description of the API, with examples of each in its interface's own words. */
export function describeResponses(doors: readonly Door[]): Record<string, object> {
  const examples = doors.flatMap((door) => [...listAnswers(door), ...listRefusals(door)])
  const byStatus = Map.groupBy(examples, ({ status }) => status)
  return Object.fromEntries(
    [...byStatus].map(([status, each]) => {
      const bodies = new Map(each.map(({ body }) => [JSON.stringify(body), body]))
      return [status, describeExamples(status < 400 ? 'Done' : 'Refused', [...bodies.values()])]
    })
  )
}

interface Example {
  readonly status: number
  readonly body: object
}

function listAnswers({ answers }: Door): Example[] {
  return Object.entries(answers).flatMap(([status, bodies]: [string, readonly object[]]) =>
    bodies.map((body) => ({ status: Number(status), body }))
  )
}

const signedIn: readonly ErrorCode[] = ['unauthenticated', 'token_invalid', 'user_blocked']
const withBody: readonly ErrorCode[] = ['invalid_request', 'unsupported_media_type']

function listRefusals({ path, access, body, errors, refusals }: Door): Example[] {
  const codes = [
    ...(body === undefined ? [] : withBody),
    ...(access === 'public' ? [] : signedIn),
    ...errors,
    'internal' as const
  ]
  return codes.map((code) => refusals.describe(createFailure(code, body), path))
}

function createFailure(code: ErrorCode, body: unknown): Failure {
  switch (code) {
    case 'invalid_request':
      return failField(findLastField(body), 'required', '')
    case 'user_blocked':
      return fail(code, { reason: 'inactivity', blockedUntil: null, retryAfterSeconds: 60 })
    case 'too_many_attempts':
      return fail(code, { retryAfterSeconds: 60 })
    case 'identifier_taken':
      return fail(code, { field: 'email' })
    default:
      return { ok: false, code, details: undefined } as Failure
  }
}

function findLastField(body: unknown): string {
  const properties = typeof body === 'object' && body !== null && 'properties' in body ? body.properties : undefined
  return Object.keys(properties ?? {}).at(-1) ?? ''
}
