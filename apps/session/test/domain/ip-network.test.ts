import { test } from 'tap'
import { readNetwork } from '../../src/domain/ip-network.ts'

test('a network is what counts in each part of an address', async (t) => {
  t.same(readNetwork('10.1.2.3'), [
    [10, 255],
    [1, 255],
    [2, 255],
    [3, 255]
  ])
  t.same(readNetwork('10.255.2.3/12'), [
    [10, 255],
    [240, 240],
    [0, 0],
    [0, 0]
  ])
  t.same(readNetwork('2001:db8::/29')?.slice(0, 3), [
    [0x2001, 0xffff],
    [0x0db8, 0xfff8],
    [0, 0]
  ])
  t.same(readNetwork('::ffff:10.0.0.0/104'), readNetwork('10.0.0.0/8'), 'mapped, as it is stored')
  t.equal(readNetwork('::ffff:0:0/95')?.length, 8)
})

test('what is neither an address nor a network is not one', async (t) => {
  for (const text of [
    '',
    'x',
    '1',
    '010.0.0.1',
    '10.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/1e1',
    '::/129',
    'fe80::1%eth0'
  ]) {
    t.equal(readNetwork(text), undefined, text)
  }
})
