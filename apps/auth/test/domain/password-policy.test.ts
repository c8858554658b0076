import { test } from 'tap'
import { createCommonPasswords } from '../../src/common-passwords.ts'
import { findPasswordFault, type NewPassword, normalizePassword } from '../../src/domain/password-policy.ts'

const policy = { minLength: 8, isCommon: createCommonPasswords(8) }

function findFault(password: string, given: Partial<NewPassword> = {}) {
  const candidate = { field: 'password', password, rules: 'platform', identifiers: [], ...given } as const
  return findPasswordFault(candidate, policy)?.code
}

test('length is counted in code points', async (t) => {
  t.equal(findFault('\u{1f600}\u{1f601}\u{1f602}\u{1f603}\u{1f604}\u{1f605}\u{1f606}'), 'too_short')
  t.equal(findFault('\u{1f600}\u{1f601}\u{1f602}\u{1f603}\u{1f604}\u{1f605}\u{1f606}\u{1f607}'), undefined)
})

test('up to 256 code points and 1024 bytes are good', async (t) => {
  t.equal(findFault('xk'.repeat(128)), undefined)
  t.equal(findFault(`${'xk'.repeat(128)}x`), 'too_long')
  t.equal(findFault('\u{1f600}'.repeat(256)), undefined)
  t.equal(findFault('\ufdfa'.repeat(200)), 'too_long')
})

test('ill-formed text and NUL are refused', async (t) => {
  t.equal(findFault('\ud800correct horse'), 'malformed')
  t.equal(findFault('correct\0horse'), 'malformed')
  t.equal(findFault('\ud800correct horse', { rules: 'legacy' }), 'malformed')
})

test('an empty password is missing rather than short', async (t) => {
  t.equal(findFault(''), 'required')
})

test('spaces, signs and any letters are good; nothing is prescribed', async (t) => {
  for (const password of ['        x', 'correct horse battery', 'пароль для меня', 'ZZZZQQQQWWWW', '7391846205']) {
    t.equal(findFault(password), undefined, password)
  }
})

test('common passwords are refused whatever their letter case and width', async (t) => {
  for (const password of ['password', 'PassWord', '12345678', 'qwertyuiop', '\uff50assword']) {
    t.equal(findFault(password), 'too_common', password)
  }
})

const identifiers = ['ann.example@example.com', 'quillfeather', '+4915112345678']
const decorated = [
  'ann.example@example.com',
  'Ann.Example',
  'annexample2026!',
  'quillfeather',
  '!!QUILLFEATHER99',
  'quillfeather quillfeather',
  '4915112345678',
  '00-4915112345678',
  'latchkey',
  'Latchkey#2026'
]
for (const password of decorated) {
  test(`"${password}" only decorates what everybody knows`, async (t) => {
    t.equal(findFault(password, { identifiers }), 'contains_identifier')
  })
}

test('a password may mention the user when there is more to it', async (t) => {
  t.equal(findFault('quillfeather climbs hills', { identifiers }), undefined)
  t.equal(findFault('my latchkey is lost', { identifiers }), undefined)
})

test('one letter of an identifier does not spoil a password', async (t) => {
  t.equal(findFault('q7391846205', { identifiers: ['q@example.com'] }), undefined)
})

test('the older contracts want six characters and nothing else', async (t) => {
  t.equal(findFault('abcde', { rules: 'legacy' }), 'too_short')
  t.equal(findFault('123456', { rules: 'legacy' }), undefined)
  t.equal(findFault('quillfeather', { rules: 'legacy', identifiers }), undefined)
  t.equal(findFault('x'.repeat(257), { rules: 'legacy' }), 'too_long')
})

test('both ways of writing an accented letter are one password', async (t) => {
  t.equal(normalizePassword('caf\u00e9 au lait'), normalizePassword('cafe\u0301 au lait'))
})

test('the fault names the field it was asked about', async (t) => {
  const candidate = { field: 'newPassword', password: 'x', rules: 'platform', identifiers: [] } as const
  t.match(findPasswordFault(candidate, policy), { field: 'newPassword', code: 'too_short' })
})
