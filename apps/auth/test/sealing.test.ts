import { test } from 'tap'
import { createSealing } from '../src/sealing.ts'

const SECRET = 'only-for-tests-0123456789abcdef0123456789'
const plain = Buffer.from('twenty secret bytes.')
const sealing = createSealing(SECRET, 'a purpose')

test('what is sealed is opened again, and no two are alike', async (t) => {
  const sealed = [sealing.seal(plain, 'ann'), sealing.seal(plain, 'ann')] as const
  for (const each of sealed) t.same(createSealing(SECRET, 'a purpose').open(each, 'ann'), plain)
  t.notSame(sealed[0], sealed[1])
  t.notOk(sealed[0].includes(plain))
})

test('nothing opens for another context, under another secret or for another purpose', async (t) => {
  const sealed = sealing.seal(plain, 'ann')
  t.throws(() => sealing.open(sealed, 'bob'))
  t.throws(() => createSealing(`${SECRET}0`, 'a purpose').open(sealed, 'ann'))
  t.throws(() => createSealing(SECRET, 'another').open(sealed, 'ann'))
})

test('no byte can be altered, added or left out', async (t) => {
  const sealed = sealing.seal(plain, 'ann')
  for (let i = 0; i < sealed.length; i += 1) {
    const altered = Buffer.from(sealed)
    altered[i] = (altered[i] ?? 0) ^ 1
    t.throws(() => sealing.open(altered, 'ann'), `byte ${i}`)
  }
  t.throws(() => sealing.open(sealed.subarray(0, -1), 'ann'))
  t.throws(() => sealing.open(Buffer.concat([sealed, Buffer.of(0)]), 'ann'))
  t.throws(() => sealing.open(Buffer.alloc(0), 'ann'))
})

test('what a former secret has sealed is opened, and sealed anew under the present one once', async (t) => {
  const former = ['only-for-tests-ffffffffffffffffffffffffff', SECRET]
  const present = 'only-for-tests-9999999999999999999999999'
  const rotated = createSealing(present, 'a purpose', former)
  const sealed = sealing.seal(plain, 'ann')
  t.same(rotated.open(sealed, 'ann'), plain)
  t.throws(() => rotated.open(sealed, 'bob'))
  t.throws(() => rotated.renew(sealed, 'bob'))
  const renewed = rotated.renew(sealed, 'ann') ?? Buffer.alloc(0)
  t.same(createSealing(present, 'a purpose').open(renewed, 'ann'), plain)
  t.equal(rotated.renew(renewed, 'ann'), undefined)
  t.throws(() => sealing.open(rotated.seal(plain, 'ann'), 'ann'), 'nothing is sealed under a former one')
})
