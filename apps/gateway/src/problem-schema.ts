import { errorCatalogue, FieldError } from '@latchkey/contracts/errors'
import { EndReason, Nullable, Timestamp } from '@latchkey/contracts/ids'
import Type from 'typebox'
import { forHttp } from './http-schema.ts'
import { Session } from './schemas.ts'

/** Every problem document of the API; which members are there beside the first five depends on `code`. */
export const Problem = forHttp(
  Type.Object({
    type: Type.String({ examples: ['urn:latchkey:problem:session_ended'] }),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    code: Type.Union(Object.keys(errorCatalogue).map((code) => Type.Literal(code))),
    requestId: Type.String({ description: 'Names the request in the logs' }),
    errors: Type.Optional(Type.Array(FieldError, { description: 'invalid_request: every field at fault' })),
    reason: Type.Optional(
      Type.String({
        description: `session_ended: ${listLiterals(EndReason)}; user_blocked: inactivity, brute_force, admin`
      })
    ),
    endedAt: Type.Optional(Timestamp),
    blockedUntil: Type.Optional(Nullable(Timestamp)),
    field: Type.Optional(Type.String({ description: 'identifier_taken: which identifier' })),
    sessions: Type.Optional(Type.Array(Session, { description: 'session_limit: the live sessions' }))
  })
)

function listLiterals({ anyOf }: typeof EndReason): string {
  return anyOf.map((literal) => literal.const).join(', ')
}
