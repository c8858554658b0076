import { pbkdf2Sync, scryptSync } from 'node:crypto'
import { ok } from '@latchkey/contracts/errors'
import argon2 from 'argon2'
import bcrypt from 'bcryptjs'
import { test } from 'tap'
import { readForeignVerifier } from '../src/foreign-verifiers.ts'
import { createPasswords } from '../src/passwords.ts'

const parameters = { memoryKib: 64, passes: 2, parallelism: 1 }
const patient = { remainingMs: () => 20_000 }
const right = ok({ matches: true, outdated: true })
const wrong = ok({ matches: false, outdated: false })

function open(t: { teardown(release: () => Promise<void>): void }) {
  const passwords = createPasswords({ parameters, queue: { concurrency: 2, length: 32 } })
  t.teardown(() => passwords.close())
  return passwords
}

const base64 = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '')
const salt = Buffer.from('a salt of ours')
const scrypt = (password: string) =>
  `$scrypt$ln=10,r=8,p=2$${base64(salt)}$${base64(scryptSync(password, salt, 32, { N: 1024, r: 8, p: 2 }))}`
const pbkdf2 = (password: string, digest: string) =>
  `$pbkdf2-${digest}$i=1000$${base64(salt)}$${base64(pbkdf2Sync(password, salt, 1000, 32, digest))}`
const bcrypted = bcrypt.hashSync('correct horse', 4)

const forms: Record<string, string> = {
  'bcrypt 2b': bcrypted,
  'bcrypt 2a': bcrypted.replace('$2b$', '$2a$'),
  'bcrypt 2y': bcrypted.replace('$2b$', '$2y$'),
  scrypt: scrypt('correct horse'),
  'pbkdf2 with SHA-256': pbkdf2('correct horse', 'sha256'),
  'pbkdf2 with SHA-512': pbkdf2('correct horse', 'sha512'),
  argon2i: await argon2.hash('correct horse', { type: argon2.argon2i, memoryCost: 64, timeCost: 2, parallelism: 1 }),
  argon2d: await argon2.hash('correct horse', { type: argon2.argon2d, memoryCost: 64, timeCost: 2, parallelism: 1 }),
  'argon2id with a short tag': await argon2.hash('correct horse', { memoryCost: 64, timeCost: 2, hashLength: 16 })
}

for (const [name, verifier] of Object.entries(forms)) {
  test(`a password is checked against ${name}, and is to be hashed anew`, async (t) => {
    const passwords = open(t)
    t.equal(passwords.findFault(verifier), undefined)
    t.same(await passwords.verify('correct horse', verifier, patient), right)
    t.same(await passwords.verify('Correct horse', verifier, patient), wrong)
    t.same(await passwords.verify('', verifier, patient), wrong)
  })
}

test('of two long passwords that begin alike, neither is right for bcrypt', async (t) => {
  const passwords = open(t)
  const verifier = bcrypt.hashSync('x'.repeat(72), 4)
  t.same(await passwords.verify('x'.repeat(72), verifier, patient), right)
  t.same(await passwords.verify(`${'x'.repeat(72)}a`, verifier, patient), wrong)
  t.same(await passwords.verify('ö'.repeat(40), bcrypt.hashSync('ö'.repeat(40), 4), patient), wrong)
})

const refused: Record<string, readonly [verifier: string, fault: string]> = {
  'bcrypt of cost 31': [bcrypted.replace('$04$', '$31$'), 'too_costly'],
  'scrypt with 1 GiB': [scrypt('x').replace('ln=10', 'ln=20'), 'too_costly'],
  'scrypt with 2^99': [scrypt('x').replace('ln=10', 'ln=99'), 'too_costly'],
  'scrypt many times over': [scrypt('x').replace('p=2', 'p=9999'), 'too_costly'],
  'pbkdf2 with a billion rounds': [pbkdf2('x', 'sha256').replace('i=1000', 'i=1000000000'), 'too_costly'],
  'argon2 with 4 GiB': [(forms.argon2i ?? '').replace('m=64', 'm=4194304'), 'too_costly'],
  'a hash of few bits': [`$pbkdf2-sha256$i=1000$${base64(salt)}$AAAA`, 'unsupported'],
  'scrypt without rounds': [scrypt('x').replace('p=2', 'p=0'), 'unsupported'],
  'pbkdf2 without rounds': [pbkdf2('x', 'sha256').replace('i=1000', 'i=0'), 'unsupported'],
  'pbkdf2 with SHA-1': [pbkdf2('x', 'sha256').replace('sha256', 'sha1'), 'unsupported'],
  'plain text': ['correct horse', 'unsupported'],
  'something behind it': [`${bcrypted} `, 'unsupported']
}

for (const [name, [verifier, fault]] of Object.entries(refused)) {
  test(`${name} is refused and, where it is stored all the same, is a wrong password`, async (t) => {
    const passwords = open(t)
    t.equal(passwords.findFault(verifier), fault)
    t.same(await passwords.verify('correct horse', verifier, patient), wrong)
  })
}

test('costly checks keep nobody waiting who has a verifier of ours', async (t) => {
  const passwords = open(t)
  const own = await passwords.hash('correct horse', patient)
  if (!own.ok) throw new Error(own.code)
  const order: string[] = []
  const costly = bcrypt.hashSync('x', 4).replace('$04$', '$11$')
  const checks = Array.from({ length: 4 }, async () => {
    await passwords.verify('x', costly, patient)
    order.push('costly')
  })
  await passwords.verify('correct horse', own.value, patient)
  order.push('own')
  await Promise.all(checks)
  t.equal(order[0], 'own')
})

test('more costly checks than can wait are refused at once', async (t) => {
  const passwords = open(t)
  const outcomes = await Promise.all(
    Array.from({ length: 30 }, () => passwords.verify('correct horse', bcrypted, patient))
  )
  t.ok(outcomes.some((outcome) => !outcome.ok && outcome.code === 'unavailable'))
  t.ok(outcomes.some(({ ok }) => ok))
})

test('the text decides the form alone', async (t) => {
  t.match(readForeignVerifier(bcrypted), { scheme: 'bcrypt' })
  t.match(readForeignVerifier(scrypt('x')), { scheme: 'scrypt', cost: 1024, blockSize: 8, parallelization: 2 })
  t.match(readForeignVerifier(pbkdf2('x', 'sha512')), { scheme: 'pbkdf2', digest: 'sha512', iterations: 1000 })
})
