import { test } from 'tap'
import { getSource } from '../../src/domain/source.ts'

test('an IPv4 address counts for itself, an IPv6 address for its /64', async (t) => {
  t.equal(getSource('192.0.2.1'), '192.0.2.1')
  t.equal(getSource('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2')
  t.equal(getSource('2001:db8:1:2::6'), '2001:db8:1:2')
  t.equal(getSource('2001:db8::1:2'), '2001:db8:0:0')
  t.equal(getSource('2001:db8::3:4:5:6:7'), '2001:db8:0:3')
  t.equal(getSource('::1'), '0:0:0:0')
})

test('whoever comes without an address shares one count', async (t) => {
  t.equal(getSource(''), getSource(''))
})
