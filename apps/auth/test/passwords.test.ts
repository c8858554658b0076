import { ok } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { type Argon2, createPasswords } from '../src/passwords.ts'

const parameters = { memoryKib: 64, passes: 2, parallelism: 1 }
const queue = { concurrency: 2, length: 32 }
const patient = { remainingMs: () => 5000 }

/** The text of a success; a test that has none fails. */
async function hash(password: string, passes = parameters.passes): Promise<string> {
  const made = await createPasswords({ parameters: { ...parameters, passes }, queue }).hash(password, patient)
  if (!made.ok) throw new Error(made.code)
  return made.value
}

test('a verifier is an argon2id PHC string with a salt and a tag of its own', async (t) => {
  const [first, second] = [await hash('correct horse'), await hash('correct horse')]
  t.match(first, /^\$argon2id\$v=19\$m=64,t=2,p=1\$[^$]{22}\$[^$]{43}$/)
  t.not(first, second)
})

test('the right password matches, whatever else does not', async (t) => {
  const passwords = createPasswords({ parameters, queue })
  const verifier = await hash('correct horse')
  t.same(await passwords.verify('correct horse', verifier, patient), ok({ matches: true, outdated: false }))
  t.same(await passwords.verify('Correct horse', verifier, patient), ok({ matches: false, outdated: false }))
})

test('every character of a long password counts', async (t) => {
  const passwords = createPasswords({ parameters, queue })
  const verifier = await hash(`${'x'.repeat(199)}a`)
  t.match(await passwords.verify(`${'x'.repeat(199)}b`, verifier, patient), { value: { matches: false } })
})

test('a right password under weaker parameters is outdated, a wrong one is only wrong', async (t) => {
  const passwords = createPasswords({ parameters, queue })
  const weak = await hash('correct horse', 1)
  t.same(await passwords.verify('correct horse', weak, patient), ok({ matches: true, outdated: true }))
  t.same(await passwords.verify('wrong horse', weak, patient), ok({ matches: false, outdated: false }))
})

test('parameters that have sunk outdate nothing', async (t) => {
  const passwords = createPasswords({ parameters, queue })
  const strong = await hash('correct horse', 3)
  t.same(await passwords.verify('correct horse', strong, patient), ok({ matches: true, outdated: false }))
})

/** Answers like argon2, and counts what it was asked to do under which parameters. */
function createCounter(): { argon2: Argon2; verified: string[] } {
  const verified: string[] = []
  const argon2: Argon2 = {
    hash: async (password) => `dummy ${password.length}`,
    verify: async (verifier) => {
      verified.push(verifier.slice(0, 20))
      return verifier.startsWith('dummy') && verified.length === 1
    }
  }
  return { argon2, verified }
}

const current = await hash('somebody else')
const verifiers = {
  'no user': undefined,
  'a wrong password': current,
  'a garbage verifier': 'garbage',
  'an empty verifier': '',
  'a foreign verifier': '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
  'a verifier that asks for 1 GiB': current.replace('m=64', 'm=1048576')
}
for (const [name, verifier] of Object.entries(verifiers)) {
  test(`${name} costs one verification under the current parameters`, async (t) => {
    const { argon2, verified } = createCounter()
    const passwords = createPasswords({ parameters, queue, argon2 })
    await passwords.check()
    verified.splice(1)
    t.same(await passwords.verify('guess', verifier, patient), ok({ matches: false, outdated: false }))
    t.equal(verified.length, 2)
    const expected = verifier === current ? current.slice(0, 20) : 'dummy 22'
    t.equal(verified[1], expected)
  })
}

test('argon2 that does not verify its own hash is never ready', async (t) => {
  const argon2: Argon2 = { hash: async () => 'x', verify: async () => false }
  await t.rejects(createPasswords({ parameters, queue, argon2 }).check(), { message: /does not verify/ })
})

test('argon2 that works is ready', async (t) => {
  await t.resolves(createPasswords({ parameters, queue }).check())
})
