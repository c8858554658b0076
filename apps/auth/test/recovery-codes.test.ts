import { test } from 'tap'
import { recoveryCodes } from '../src/recovery-codes.ts'

test('there are ten codes of 80 bits, no two alike', async (t) => {
  const codes = recoveryCodes.create()
  t.equal(new Set(codes.map(({ code }) => code)).size, 10)
  for (const { code } of codes) t.match(code, /^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/)
})

test('a code is stored as a hash that its writing does not alter', async (t) => {
  const [{ code, hash } = { code: '' }] = recoveryCodes.create()
  t.equal(hash?.length, 32)
  for (const written of [code, code.toUpperCase(), code.replaceAll('-', ''), ` ${code.replaceAll('-', ' ')} `]) {
    t.same(recoveryCodes.hash(written), hash)
  }
})

test('what cannot be a code has no hash', async (t) => {
  for (const text of ['', '123456', 'k7qd-2mxa-v5tz', 'k7qd-2mxa-v5tz-bn31', 'k7qd-2mxa-v5tz-bn3w-k7qd']) {
    t.equal(recoveryCodes.hash(text), undefined, text)
  }
})
