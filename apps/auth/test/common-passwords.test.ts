import { test } from 'tap'
import { createCommonPasswords } from '../src/common-passwords.ts'

test('entries shorter than any accepted password are left out', async (t) => {
  t.equal(createCommonPasswords(8)('dragon'), false)
  t.equal(createCommonPasswords(6)('dragon'), true)
})

test('letter case does not hide a common password', async (t) => {
  t.equal(createCommonPasswords(8)('Football1'), true)
})
