import { test } from 'tap'
import { findNameFault } from '../../src/domain/names.ts'

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
