import { BlockList } from 'node:net'
import { test } from 'tap'
import { SERVICES } from '../../src/environment.ts'
import { findManifest } from './manifests.ts'

const stores = { gateway: [], auth: ['postgresql'], session: ['redis'], activity: ['redis'] } as const

test('whatever is not named is cut off, and each pod reaches only what it works with', async (t) => {
  t.match(findManifest('NetworkPolicy', 'nothing-else').spec, {
    policyTypes: ['Ingress', 'Egress'],
    ingress: undefined
  })
  const reached = (name: string) =>
    (findManifest('NetworkPolicy', name).spec?.egress ?? [])
      .flatMap(({ to = [] }) => to.map(({ podSelector }) => podSelector?.matchLabels['app.kubernetes.io/name']))
      .filter((label) => label !== undefined)
  for (const name of SERVICES) t.same(reached(name), ['nats', ...stores[name]], name)
  t.same(reached('migrate'), ['postgresql'])
  const entered = (name: string) =>
    (findManifest('NetworkPolicy', name).spec?.ingress ?? []).flatMap(({ ports }) => ports)
  t.same(
    entered('gateway').map(({ port }) => port),
    [3000, 3001]
  )
  for (const name of ['auth', 'session', 'activity'])
    t.same(
      entered(name).map(({ port }) => port),
      [3000],
      name
    )
})

test('webhooks and mails go out of the cluster, to no address of a network of its own', async (t) => {
  for (const [name, ports] of [
    ['activity', [443]],
    ['auth', [465, 587]]
  ] as const) {
    const [rule, ...more] = (findManifest('NetworkPolicy', name).spec?.egress ?? []).filter(
      ({ to = [] }) => to[0]?.ipBlock
    )
    t.same(more, [], name)
    t.same(
      rule?.ports.map(({ port }) => port),
      ports,
      name
    )
    const [let4, let6, kept] = [new BlockList(), new BlockList(), new BlockList()]
    const add = (list: BlockList, cidr = '') => {
      const [address = '', prefix] = cidr.split('/')
      list.addSubnet(address, Number(prefix), address.includes(':') ? 'ipv6' : 'ipv4')
    }
    add(let4, rule?.to?.[0]?.ipBlock?.cidr)
    add(let6, rule?.to?.[1]?.ipBlock?.cidr)
    for (const cidr of rule?.to?.[0]?.ipBlock?.except ?? []) add(kept, cidr)
    t.ok(let4.check('8.8.8.8') && !kept.check('8.8.8.8') && let6.check('2606:4700::1', 'ipv6'), name)
    const own = ['10.1.2.3', '100.64.0.1', '127.0.0.1', '169.254.169.254', '172.31.0.1', '192.168.1.1']
    for (const address of own) t.ok(kept.check(address), `${name} ${address}`)
    for (const address of ['fd00::1', 'fe80::1', '::1']) t.notOk(let6.check(address, 'ipv6'), `${name} ${address}`)
  }
})
