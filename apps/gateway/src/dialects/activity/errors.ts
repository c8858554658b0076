import { createRefusals } from '../refusals.ts'

const texts = {
  required: 'Email and password are required',
  email: 'Invalid email format',
  invalid_credentials: 'Invalid email or password',
  401: 'Unauthorized',
  500: 'Internal server error'
}

export const refusals = createRefusals(texts, (text) => (text === texts.required ? { error: text } : { message: text }))
