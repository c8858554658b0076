import { createRefusals } from '../refusals.ts'

const texts = {
  '/api/v1/auth/login required': 'email and password is required',
  required: 'email, firstnme, lstname, password is required',
  email: 'Invalid email format',
  'password too_short': 'Password must be at least 6 characters long',
  'password too_long': 'Password must be at most 256 characters long',
  firstName: 'Invalid firstname',
  lastName: 'Invalid lastname',
  identifier_taken: 'User exist',
  invalid_credentials: 'Incorrect email or password',
  session_not_found: 'Error processing the request',
  401: 'Unauthorized',
  500: 'Error processing the request'
}

export const refusals = createRefusals(texts, (message) => ({ success: false, message }))
