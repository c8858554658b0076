import { TOTP } from 'otpauth'
import { test } from 'tap'
import { createTotpSecrets } from '../src/totp-secrets.ts'
import { userId } from './domain/fakes.ts'

const options = {
  sealingSecret: 'only-for-tests-0123456789abcdef0123456789',
  formerSecrets: [],
  issuer: 'Acme & Sons'
}
const totp = createTotpSecrets(options)
const NOW_MS = Date.parse('2026-11-21T09:30:10.000Z')
const STEP = Math.floor(NOW_MS / 30_000)

function createCode(secret: string, steps = 0): string {
  return new TOTP({ secret }).generate({ timestamp: NOW_MS + steps * 30_000 })
}

test('a new secret is 160 bits, and the address for apps carries it with names for people', async (t) => {
  const { secret, otpauthUri } = totp.create(userId, 'ann@example.com')
  t.match(secret, /^[A-Z2-7]{32}$/)
  t.not(totp.create(userId, 'ann@example.com').secret, secret)
  const uri = new URL(otpauthUri)
  t.equal(uri.href.split('?')[0], 'otpauth://totp/Acme%20%26%20Sons:ann%40example.com')
  const parameters = { issuer: 'Acme & Sons', secret, algorithm: 'SHA1', digits: '6', period: '30' }
  t.same(Object.fromEntries(uri.searchParams), parameters)
})

test('a code belongs to its step, one step early and one late included', async (t) => {
  const { secret, sealed } = totp.create(userId, 'ann')
  for (const steps of [-1, 0, 1]) {
    const code = createCode(secret, steps)
    t.equal(totp.findStep(sealed, { userId, code, nowMs: NOW_MS }), STEP + steps)
  }
  for (const steps of [-2, 2]) {
    t.equal(totp.findStep(sealed, { userId, code: createCode(secret, steps), nowMs: NOW_MS }), undefined)
  }
})

test('spaces and hyphens in a code do not count; what is no code is none', async (t) => {
  const { secret, sealed } = totp.create(userId, 'ann')
  const code = createCode(secret)
  const find = (given: string) => totp.findStep(sealed, { userId, code: given, nowMs: NOW_MS })
  t.equal(find(` ${code.slice(0, 3)} ${code.slice(3)} `), STEP)
  for (const given of ['', `${code}0`, code.slice(1), 'abcdef', '１２３４５６', '-1e+05'])
    t.equal(find(given), undefined)
})

test('what is sealed shows no secret, and is of no use to another user or under another key', async (t) => {
  const { secret, sealed } = totp.create(userId, 'ann')
  t.notOk(sealed.includes(secret))
  const given = { userId, code: createCode(secret), nowMs: NOW_MS }
  t.throws(() => totp.findStep(sealed, { ...given, userId: userId.replace('019a', '019b') }))
  const other = createTotpSecrets({ ...options, sealingSecret: 'another-secret-9876543210fedcba98765432' })
  t.throws(() => other.findStep(sealed, given))
})

test('codes are checked by secrets that were sealed under a former key, as long as it is listed', async (t) => {
  const { secret, sealed } = totp.create(userId, 'ann')
  const given = { userId, code: createCode(secret), nowMs: NOW_MS }
  const sealingSecret = 'another-secret-9876543210fedcba98765432'
  const rotated = createTotpSecrets({ ...options, sealingSecret, formerSecrets: [options.sealingSecret] })
  t.equal(rotated.findStep(sealed, given), STEP)
  const later = rotated.create(userId, 'ann')
  t.equal(
    createTotpSecrets({ ...options, sealingSecret }).findStep(later.sealed, {
      ...given,
      code: createCode(later.secret)
    }),
    STEP
  )
})
