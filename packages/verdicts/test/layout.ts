import { openLayoutSnapshots } from '@latchkey/testing/layout-snapshots'
import { type Layout, takeLayout } from '@latchkey/testing/redis-layout'
import { startRedis, type TestScope } from '@latchkey/testing/stores'
import { createRegistry, type Registry } from '../src/authority/registry.ts'
import { openRedis, until } from './scenario.ts'

export const snapshots = openLayoutSnapshots(new URL('./snapshots/', import.meta.url))
/** What an incarnation is called in a layout. */
export const INCARNATION = '<incarnation>'

export async function openRegistry(t: TestScope, url: string): Promise<Registry> {
  const redis = openRedis(t, { url })
  await until(() => redis.status === 'ready')
  return createRegistry({ redis, longestLeaseMs: 2000, logLength: 100 })
}

export function renewal(member: string, incarnation = '', seq = 0) {
  return { member, incarnation, seq, leaseMs: 1500, heard: true }
}

/** What the registry writes now: two members, one of which has missed what was announced. */
export async function takeRegistryLayout(t: TestScope): Promise<Layout> {
  const { url } = await startRedis(t)
  const fromMs = Date.now()
  const registry = await openRegistry(t, url)
  await registry.renew(renewal('one'))
  const { incarnation } = await registry.announce([{ kind: 'session', id: 'a' }, { kind: 'everyone' }])
  await registry.announce([{ kind: 'user', id: 'ada' }])
  await registry.renew(renewal('two', incarnation, 2))
  return await takeLayout(url, { period: { fromMs, toMs: Date.now() }, names: { [INCARNATION]: incarnation } })
}
