import { createRefusals } from '../refusals.ts'

/** Parameters in the order in which their errors are listed. */
export const PARAMS = ['fullname.firstname', 'fullname.lastname', 'email', 'password'] as const

const texts = {
  'firstName too_long': 'First name must be at most 100 characters long',
  'lastName too_long': 'Last name must be at most 100 characters long',
  'password too_long': 'Password must be at most 256 characters long',
  malformed: 'Invalid value',
  'fullname.firstname': 'First name must be at least 3 characters long',
  'fullname.lastname': 'Last name must be at least 3 characters long',
  email: 'Invalid email format',
  password: 'Password must be at least 6 characters long',
  identifier_taken: [400, 'Email is already registered'],
  invalid_credentials: 'Invalid email or password',
  unauthenticated: 'Unauthorized: No token provided',
  401: 'Unauthorized: Invalid token',
  500: 'Internal Server Error'
} as const

export const refusals = createRefusals(texts, (text, { code }, faults) => {
  if (code === 'identifier_taken') return { errors: [presentError(text, 'email')] }
  if (code !== 'invalid_request') return { message: text }
  if (faults.length === 0) return { errors: [presentError(text, '')] }
  const errors = faults.map(({ field, message }) => presentError(message, findParam(field)))
  const params: readonly string[] = PARAMS
  return { errors: errors.toSorted((a, b) => params.indexOf(a.param) - params.indexOf(b.param)) }
})

/** The platform's fields in the words of this interface; empty for the body as a whole and for what it does not know. */
function findParam(field: string): string {
  if (field === 'firstName') return 'fullname.firstname'
  if (field === 'lastName') return 'fullname.lastname'
  return PARAMS.find((param) => param === field) ?? ''
}

function presentError(msg: string, param: string) {
  return { msg, param, location: 'body' }
}
