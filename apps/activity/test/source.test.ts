import { test } from 'tap'
import { createSourceOf } from '../src/source.ts'

const sourceOf = createSourceOf(64)

test('an IPv4 address is one source, however it is written', async (t) => {
  t.equal(sourceOf('::ffff:192.0.2.7'), sourceOf('192.0.2.7'))
  t.equal(sourceOf('::FFFF:c000:0207'), sourceOf('192.0.2.7'))
  t.not(sourceOf('192.0.2.8'), sourceOf('192.0.2.7'))
})

test('the IPv6 addresses of one customer are one source', async (t) => {
  t.equal(sourceOf('2001:db8:1:2::1'), sourceOf('2001:0DB8:1:2:ffff:ffff:ffff:ffff'))
  t.not(sourceOf('2001:db8:1:3::1'), sourceOf('2001:db8:1:2::1'))
  t.equal(sourceOf('fe80::1%eth0'), sourceOf('fe80::2'))
})

test('how much of an IPv6 address counts is configured', async (t) => {
  const narrow = createSourceOf(56)
  t.equal(narrow('2001:db8:1:2::1'), narrow('2001:db8:1:3::1'))
  const exact = createSourceOf(128)
  t.not(exact('2001:db8:1:2::1'), exact('2001:db8:1:2::2'))
})

test('all that is no address is one source', async (t) => {
  t.equal(sourceOf(''), sourceOf('unknown'))
  t.equal(sourceOf('010.0.0.1'), sourceOf(''))
})
