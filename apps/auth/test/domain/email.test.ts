import fc from 'fast-check'
import { test } from 'tap'
import { canonicalizeEmail } from '../../src/domain/email.ts'

test('an address is known by its lower-case local part and its ASCII domain', async (t) => {
  t.equal(canonicalizeEmail('Ann.Example@Example.COM'), 'ann.example@example.com')
  t.equal(canonicalizeEmail('ann@bücher.example'), 'ann@xn--bcher-kva.example')
  t.equal(canonicalizeEmail('ann+tag@sub.example.com'), 'ann+tag@sub.example.com')
  t.equal(canonicalizeEmail('e\u0301va@example.com'), canonicalizeEmail('\u00e9va@example.com'))
})

test('letters that only look alike stay apart', async (t) => {
  t.not(canonicalizeEmail('m\u0131ke@example.com'), canonicalizeEmail('mike@example.com'))
})

const refused = [
  '',
  'ann',
  '@example.com',
  'ann@',
  ' ann@example.com',
  'ann@example.com ',
  'an n@example.com',
  'ann@exa mple.com',
  'ann@example',
  'ann@example.com.',
  'ann@example..com',
  '.ann@example.com',
  'ann.@example.com',
  'a..b@example.com',
  '"ann"@example.com',
  'ann@[127.0.0.1]',
  'ann@127.0.0.1',
  'ann@0x7f.1',
  'ann@1.2.3',
  'ann@%65xample.com',
  'ann@example\u3002com',
  'ann@-example.com',
  'ann@example-.com',
  'ann@exam_ple.com',
  'ann@xn--a.com\u0000',
  `${'a'.repeat(65)}@example.com`,
  `ann@${'a'.repeat(70)}.com`,
  `ann@${'a.'.repeat(130)}com`
]

for (const text of refused) {
  test(`${JSON.stringify(text.slice(0, 40))} is not an address`, async (t) => {
    t.equal(canonicalizeEmail(text), undefined)
  })
}

test('any text is judged in the same way twice, and a canonical form is its own', async () => {
  const text = fc.oneof(
    fc.emailAddress(),
    fc.string({ unit: 'binary' }),
    fc.tuple(fc.string({ unit: 'binary', minLength: 1 }), fc.domain()).map(([local, domain]) => `${local}@${domain}`)
  )
  fc.assert(
    fc.property(text, (entered) => {
      const canonical = canonicalizeEmail(entered)
      return canonical === undefined || canonicalizeEmail(canonical) === canonical
    }),
    { numRuns: 200 }
  )
})

test('letter case never makes a second address', async () => {
  fc.assert(
    fc.property(
      fc.emailAddress(),
      (address) => canonicalizeEmail(address.toUpperCase()) === canonicalizeEmail(address.toLowerCase())
    ),
    { numRuns: 200 }
  )
})

test('a very long text is refused without being walked through', async (t) => {
  t.equal(canonicalizeEmail(`${'a.'.repeat(50_000)}@example.com`), undefined)
})
