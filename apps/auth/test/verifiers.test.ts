import { test } from 'tap'
import { isWeaker, orderParameters, readArgon2 } from '../src/verifiers.ts'

const current = { memoryKib: 19_456, passes: 2, parallelism: 1 }
const salt = Buffer.alloc(16, 1).toString('base64').replaceAll('=', '')
const tag = Buffer.alloc(32, 2).toString('base64').replaceAll('=', '')

function createVerifier({ id = 'argon2id', parameters = 'm=19456,t=2,p=1', ending = `${salt}$${tag}` }): string {
  return `$${id}$v=19$${parameters}$${ending}`
}

test('a PHC string gives the parameters it was made with', async (t) => {
  t.same(readArgon2(createVerifier({}), current), { ...current, isOwnKind: true })
  t.same(readArgon2(createVerifier({ parameters: 'm=65536,t=3,p=4' }), current), {
    memoryKib: 65_536,
    passes: 3,
    parallelism: 4,
    isOwnKind: true
  })
})

test('other variants and lengths can be read, and are not our own', async (t) => {
  const short = `${salt}$${tag.slice(0, 22)}`
  for (const given of [{ id: 'argon2i' }, { id: 'argon2d' }, { ending: short }]) {
    t.same(readArgon2(createVerifier(given), current), { ...current, isOwnKind: false })
  }
})

const refused = {
  empty: '',
  garbage: 'garbage',
  'of bcrypt': '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
  'of an unknown variant': createVerifier({ id: 'argon2x' }),
  'of an old version': createVerifier({}).replace('v=19', 'v=16'),
  'with 1 GiB of memory': createVerifier({ parameters: 'm=1048576,t=2,p=1' }),
  'with many passes': createVerifier({ parameters: 'm=19456,t=99,p=1' }),
  'with much of both': createVerifier({ parameters: 'm=131072,t=8,p=1' }),
  'with many lanes': createVerifier({ parameters: 'm=19456,t=2,p=64' }),
  'with too little memory for its lanes': createVerifier({ parameters: 'm=8,t=2,p=2' }),
  'without passes': createVerifier({ parameters: 'm=19456,t=0,p=1' }),
  'without a salt': createVerifier({ ending: `$${tag}` }),
  'with a short tag': createVerifier({ ending: `${salt}$AAAA` }),
  'with something behind it': `${createVerifier({})} `
}

for (const [name, verifier] of Object.entries(refused)) {
  test(`a verifier ${name} never reaches argon2`, async (t) => {
    t.match(readArgon2(verifier, current), /^(unsupported|too_costly)$/)
  })
}

test('parameters are read in any order, each once', async (t) => {
  t.same(readArgon2(createVerifier({ parameters: 'm=19456,p=1,t=2' }), current), { ...current, isOwnKind: true })
  t.equal(readArgon2(createVerifier({ parameters: 'm=19456,m=19456,t=2' }), current), 'unsupported')
})

test('parameters are written in the usual order', async (t) => {
  t.equal(orderParameters(createVerifier({ parameters: 'm=19456,p=1,t=2' })), createVerifier({}))
  t.equal(orderParameters(createVerifier({})), createVerifier({}))
})

test('configured parameters may be above the ceiling', async (t) => {
  const high = { memoryKib: 1_048_576, passes: 2, parallelism: 1 }
  t.same(readArgon2(createVerifier({ parameters: 'm=1048576,t=2,p=1' }), high), { ...high, isOwnKind: true })
  t.equal(readArgon2(createVerifier({ parameters: 'm=1048576,t=2,p=1' }), current), 'too_costly')
})

test('a verifier is weaker when any parameter has risen since', async (t) => {
  t.equal(isWeaker(current, current), false)
  t.equal(isWeaker({ ...current, memoryKib: 12_288 }, current), true)
  t.equal(isWeaker({ ...current, passes: 1 }, current), true)
  t.equal(isWeaker({ ...current, memoryKib: 65_536, passes: 3 }, current), false)
})
