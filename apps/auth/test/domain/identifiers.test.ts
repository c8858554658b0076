import type { IdentifierKind } from '@latchkey/contracts/auth'
import fc from 'fast-check'
import { test } from 'tap'
import { listCandidates, type Rules, readIdentifier } from '../../src/domain/identifiers.ts'

function findFault(kind: IdentifierKind, value: string, rules: Rules = 'platform') {
  const reading = readIdentifier({ kind, value }, rules)
  if (reading.ok) return undefined
  const [error] = reading.details.errors
  return `${error?.field} ${error?.code}`
}

function getCanonical(kind: IdentifierKind, value: string, rules: Rules = 'platform') {
  const reading = readIdentifier({ kind, value }, rules)
  return reading.ok ? reading.value.canonical : undefined
}

test('a username is known regardless of letter case and compatibility forms', async (t) => {
  t.equal(getCanonical('username', 'Ann.Example'), 'ann.example')
  t.equal(getCanonical('username', '\uff21nn'), 'ann')
  t.equal(getCanonical('username', 'e\u0301va'), getCanonical('username', '\u00c9VA'))
})

test('what a person entered is kept beside the canonical form', async (t) => {
  const reading = readIdentifier({ kind: 'mobile', value: '+4915112345678' }, 'platform')
  t.match(reading, { ok: true, value: { kind: 'mobile', canonical: '4915112345678', entered: '+4915112345678' } })
})

test('the platform refuses usernames that would be mistaken for something else', async (t) => {
  t.equal(findFault('username', 'ab'), 'username too_short')
  t.equal(findFault('username', 'a'.repeat(51)), 'username too_long')
  t.equal(findFault('username', 'ann@home'), 'username invalid_format')
  t.equal(findFault('username', 'ann smith'), 'username invalid_format')
  t.equal(findFault('username', '4915112345678'), 'username invalid_format')
  t.equal(findFault('username', 'a\ufdfa'.repeat(20)), 'username too_long')
  t.equal(findFault('username', 'ann_smith-9.x'), undefined)
})

test('the older contracts take any text of up to 50 characters as a username', async (t) => {
  t.equal(findFault('username', 'x', 'legacy'), undefined)
  t.equal(findFault('username', 'ann smith @ home', 'legacy'), undefined)
  t.equal(findFault('username', '\u{1f600}'.repeat(50), 'legacy'), undefined)
  t.equal(findFault('username', '\u{1f600}'.repeat(51), 'legacy'), 'username too_long')
})

test('a mobile number has 7 to 15 digits and perhaps a leading plus', async (t) => {
  t.equal(getCanonical('mobile', '1234567'), '1234567')
  t.equal(getCanonical('mobile', '+123456789012345'), '123456789012345')
  for (const value of ['123456', '1234567890123456', '12345 67', '++1234567', '123-4567', '\u0661234567']) {
    t.equal(findFault('mobile', value), 'mobile invalid_format')
  }
})

for (const kind of ['email', 'username', 'mobile'] as const) {
  test(`${kind} refuses what cannot be stored or shown, under any rules`, async (t) => {
    for (const value of ['a\0b', '\ud800bc', 'abc\n', 'a\u2028bc', 'a\u0085bc']) {
      t.equal(findFault(kind, value), `${kind} malformed`)
      t.equal(findFault(kind, value, 'legacy'), `${kind} malformed`)
    }
    t.equal(findFault(kind, ''), `${kind} required`)
  })
}

test('a canonical username is its own canonical form', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }), (value) => {
      const canonical = getCanonical('username', value, 'legacy')
      if (canonical === undefined) return true
      const again = getCanonical('username', canonical, 'legacy')
      return again === undefined || again === canonical
    }),
    { numRuns: 200 }
  )
})

test('letter case never makes a second username', async () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[A-Za-z0-9._-]{3,50}$/),
      (value) => getCanonical('username', value.toUpperCase(), 'legacy') === getCanonical('username', value, 'legacy')
    ),
    { numRuns: 200 }
  )
})

test('a text with an at sign may be an e-mail address or an old username, in this order', async (t) => {
  t.same(listCandidates({ kind: null, value: 'Ann@Example.com' }), [
    { kind: 'email', canonical: 'ann@example.com' },
    { kind: 'username', canonical: 'ann@example.com' }
  ])
})

test('digits may be a mobile number or an old username, in this order', async (t) => {
  t.same(listCandidates({ kind: null, value: '+4915112345678' }), [
    { kind: 'mobile', canonical: '4915112345678' },
    { kind: 'username', canonical: '+4915112345678' }
  ])
})

test('a named kind is the only candidate, and none where the text cannot be one', async (t) => {
  t.same(listCandidates({ kind: 'username', value: 'Ann' }), [{ kind: 'username', canonical: 'ann' }])
  t.same(listCandidates({ kind: 'email', value: 'ann' }), [])
})
