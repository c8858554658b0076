import type { FieldError } from '@latchkey/contracts/errors'
import type { FastifyError } from 'fastify'

type Violation = NonNullable<FastifyError['validation']>[number]

const MAX_ERRORS = 100
const FIELD_NAME = /^[\w.-]{1,100}$/

/** For each keyword of a schema: the stable code, and words that never repeat what was sent. */
const descriptions: Readonly<Record<string, readonly [code: string, message: string]>> = {
  required: ['required', 'This is required'],
  type: ['wrong_type', 'This is of the wrong type'],
  minLength: ['too_short', 'This is too short'],
  maxLength: ['too_long', 'This is too long'],
  pattern: ['malformed', 'This does not have the expected form'],
  enum: ['unknown_value', 'This is not one of the accepted values'],
  const: ['unknown_value', 'This is not one of the accepted values'],
  additionalProperties: ['unknown_property', 'There is no such property here'],
  minimum: ['out_of_range', 'This is out of range'],
  maximum: ['out_of_range', 'This is out of range']
}

/** Every field the validator found wrong, once each. */
export function readViolations(violations: readonly Violation[]): FieldError[] {
  const byField = new Map<string, FieldError>()
  for (const violation of violations) {
    if (violation.keyword === 'anyOf' && byField.size > 0) continue
    const field = readField(violation)
    if (!byField.has(field)) byField.set(field, describe(violation, field))
  }
  return [...byField.values()].slice(0, MAX_ERRORS)
}

function describe({ keyword, schemaPath }: Violation, field: string): FieldError {
  if (keyword === 'required' && schemaPath.includes('/anyOf/')) {
    return { field, code: 'one_required', message: 'One of these is required' }
  }
  const [code, message] = descriptions[keyword] ?? ['invalid', 'This is not valid']
  return { field, code, message }
}

/** The path in dots. A name that only the client knows is repeated only if it is a plain one. */
function readField({ instancePath, params }: Violation): string {
  const own = params.missingProperty ?? params.additionalProperty
  const names = [...instancePath.split('/').slice(1), ...(typeof own === 'string' ? [own] : [])]
  const field = names.join('.')
  return field === '' || FIELD_NAME.test(field) ? field : '(unnamed)'
}
