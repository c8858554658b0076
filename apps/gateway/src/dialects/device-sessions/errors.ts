import { createRefusals } from '../refusals.ts'

const texts = {
  'sessionKey required': 'sessionKey is required',
  required: 'mobile and username are required',
  mobile: 'Invalid mobile number',
  firstName: 'Invalid username',
  identifier_taken: 'User already exists',
  user_not_found: 'User not found',
  session_not_found: 'Session not found',
  invalid_credentials: 'Invalid credentials',
  401: 'Unauthorized',
  500: 'Internal server error'
}

export const refusals = createRefusals(texts, (message) => ({ message }))
