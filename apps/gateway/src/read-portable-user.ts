import { type LineFault, PortableUser } from '@latchkey/contracts/accounts'
import Type from 'typebox'
import { Compile } from 'typebox/compile'
import type { Line } from './ndjson-lines.ts'
import { readViolations } from './validation-errors.ts'

/** Where the services let pass what they do not know, a file that is read in shall hold nothing that would be lost. */
const validator = Compile(Type.Object(PortableUser.properties, { additionalProperties: false }))

const faults = {
  too_long: 'The line is too long',
  not_utf8: 'The line is not UTF-8',
  malformed: 'The line is not a JSON object'
} as const

export type ReadUser =
  | { readonly line: number; readonly user: PortableUser }
  | { readonly line: number; readonly faults: readonly LineFault[] }

/** The user on a line, or what is wrong with its shape. */
export function readPortableUser({ number: line, text, fault }: Line): ReadUser {
  if (text === undefined) return refuse(line, fault)
  const value = parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(line, 'malformed')
  if (validator.Check(value)) return { line, user: value }
  return { line, faults: listViolations(value).map((found) => ({ line, ...found })) }
}

function refuse(line: number, code: keyof typeof faults): ReadUser {
  return { line, faults: [{ line, field: '', code, message: faults[code] }] }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text, (key, value) => (key === '__proto__' ? undefined : value))
  } catch {
    return undefined
  }
}

/** An unknown property is told by its path, and once more by the object that has it. */
function listViolations(value: object) {
  const violations = validator.Errors(value).filter(({ keyword }) => keyword !== 'additionalProperties')
  return readViolations(
    violations.map(({ keyword, schemaPath, instancePath }) => ({
      keyword: keyword === 'boolean' ? 'additionalProperties' : keyword,
      schemaPath,
      instancePath,
      params: {}
    }))
  )
}
