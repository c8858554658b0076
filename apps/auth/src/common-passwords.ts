import { dictionary } from '@zxcvbn-ts/language-common'
import { countCodePoints } from './domain/text.ts'

/** The list holds lower case only; entries shorter than any password that is accepted are left out. */
export function createCommonPasswords(minLength: number): (password: string) => boolean {
  const passwords = new Set(dictionary['passwords-common'].filter((entry) => countCodePoints(entry) >= minLength))
  return (password) => passwords.has(password.toLowerCase())
}
