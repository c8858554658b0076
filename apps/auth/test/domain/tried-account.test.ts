import { test } from 'tap'
import { nameTriedAccount } from '../../src/domain/tried-account.ts'
import { createCredentials, userId } from './fakes.ts'

const nobody = (value: string, kind: 'email' | null = null) => nameTriedAccount(undefined, { kind, value })

test('an account is the user, whichever identifier was given', async (t) => {
  t.equal(nameTriedAccount(createCredentials(), { kind: null, value: 'Ann@Example.com' }), userId)
})

test('ways to write an identifier are one account, also where nobody has it', async (t) => {
  t.equal(nobody('Nobody@Example.COM'), nobody('nobody@example.com', 'email'))
  t.equal(nobody('+4915112345678'), nobody('4915112345678'))
  t.equal(nobody('\uff2eobody'), nobody('nobody'))
  t.not(nobody('somebody'), nobody('nobody'))
})

test('what stands for nobody does not tell who was looked for, and neither does text that no one can have', async (t) => {
  for (const value of ['nobody@example.com', 'x'.repeat(51), '']) t.match(nobody(value), /^[0-9a-f]{32}$/)
})
