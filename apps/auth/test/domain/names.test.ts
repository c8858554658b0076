import { test } from 'tap'
import { findName, findNameFault } from '../../src/domain/names.ts'
import { createProfile } from './fakes.ts'

test('a name is free, up to 100 characters', async (t) => {
  for (const name of [null, 'A', "O'Brien-Müller", '\u{1f600}'.repeat(100)]) {
    t.equal(findNameFault('firstName', name), undefined)
  }
})

test('an empty, an overlong and an unstorable name are refused with their field', async (t) => {
  t.match(findNameFault('firstName', ''), { field: 'firstName', code: 'too_short' })
  t.match(findNameFault('lastName', 'x'.repeat(101)), { field: 'lastName', code: 'too_long' })
  t.match(findNameFault('lastName', 'a\0b'), { field: 'lastName', code: 'malformed' })
  t.match(findNameFault('lastName', '\udfff'), { field: 'lastName', code: 'malformed' })
})

test('a user goes by the first name, else by the username', async (t) => {
  t.equal(findName(createProfile({ firstName: 'Ann', username: 'wanderer' })), 'Ann')
  t.equal(findName(createProfile({ username: 'wanderer' })), 'wanderer')
  t.equal(findName(createProfile()), undefined)
})
