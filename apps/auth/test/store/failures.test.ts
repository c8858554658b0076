import { test } from 'tap'
import { classifyFailure } from '../../src/store/failures.ts'

function createError(code: string): Error {
  return Object.assign(new Error('from the database'), { code })
}

const classes = {
  conflict: ['40001', '40P01'],
  text: ['22021', '22P05', '22001'],
  unavailable: [
    ...['57014', '57P01', '57P03', '53300', '08006', '25006', '42P01', 'ECONNREFUSED', 'ECONNRESET'],
    ...[
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'CERT_HAS_EXPIRED',
      'ERR_TLS_CERT_ALTNAME_INVALID'
    ]
  ]
} as const

for (const [name, codes] of Object.entries(classes)) {
  for (const code of codes) {
    test(`${code} is a matter of "${name}"`, async (t) => {
      t.equal(classifyFailure(createError(code)), name)
    })
  }
}

test('waiting for the pool too long has no code and is known by its text', async (t) => {
  t.equal(classifyFailure(new Error('timeout exceeded when trying to connect')), 'unavailable')
  t.equal(classifyFailure(new Error('Query read timeout')), 'unavailable')
})

test('a fault of ours is none of these', async (t) => {
  t.equal(classifyFailure(createError('23502')), undefined)
  t.equal(classifyFailure(createError('42601')), undefined)
  t.equal(classifyFailure(new TypeError('x is undefined')), undefined)
  t.equal(classifyFailure('text'), undefined)
})
