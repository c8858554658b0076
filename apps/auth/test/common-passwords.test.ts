import { dictionary } from '@zxcvbn-ts/language-common'
import { test } from 'tap'
import { createCommonPasswords } from '../src/common-passwords.ts'

test('entries shorter than any accepted password are left out', async (t) => {
  t.equal(createCommonPasswords(8)('dragon'), false)
  t.equal(createCommonPasswords(6)('dragon'), true)
})

test('letter case does not hide a common password', async (t) => {
  t.equal(createCommonPasswords(8)('Football1'), true)
})

test('at the usual least length there are more than 3000 of them', async (t) => {
  const isCommon = createCommonPasswords(8)
  const refused = new Set(dictionary['passwords-common'].filter((entry) => isCommon(entry)))
  t.ok(refused.size > 3000, `${refused.size}`)
})
