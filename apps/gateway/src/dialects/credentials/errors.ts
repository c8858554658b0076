import { createRefusals } from '../refusals.ts'

const texts = {
  required: 'Missing parameters',
  'username too_long': 'Username must be at most 50 characters long',
  username: 'Invalid username',
  'password too_short': 'Password must be at least 6 characters long',
  'password too_long': 'Password must be at most 256 characters long',
  identifier_taken: [400, 'Username already exists'],
  invalid_credentials: 'Invalid credentials',
  '/register 500': 'Registration failed',
  500: 'Internal Server Error'
} as const

export const refusals = createRefusals(texts, (message) => ({ message }))
