import { test } from 'tap'
import { createTargetRule, isNetwork } from '../../src/webhooks/targets.ts'

const refused = [
  ...[
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0'
  ],
  ...[
    '224.0.0.1',
    '255.255.255.255',
    '198.18.0.1',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    'fe80::1',
    'fd00::1'
  ],
  ...['ff02::1', '2001:db8::1', '2002:7f00:1::', '64:ff9b::7f00:1', 'localhost', '']
]

test('without a network by name only public addresses are reached', async (t) => {
  const allows = createTargetRule([])
  for (const address of ['93.184.216.34', '172.32.0.1', '2606:2800:220:1::1', '::ffff:93.184.216.34'])
    t.ok(allows(address), address)
  for (const address of refused) t.notOk(allows(address), address)
})

test('a network that is named is reached, and no other', async (t) => {
  const allows = createTargetRule(['10.1.0.0/16', 'fd00:1::/32'])
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', 'fd00:1::5', '93.184.216.34']) t.ok(allows(address), address)
  for (const address of ['10.2.0.1', 'fd00:2::1', '127.0.0.1']) t.notOk(allows(address), address)
})

test('a network is an address and the length of its prefix', async (t) => {
  for (const text of ['10.0.0.0/8', '::/0', '10.0.0.1/32']) t.ok(isNetwork(text), text)
  for (const text of ['10.0.0.0', '10.0.0.0/33', '10.0.0.0/8/8', 'host/8', '::/129', '/8', '10.0.0.0/'])
    t.notOk(isNetwork(text), text)
})
