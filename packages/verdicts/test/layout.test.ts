import { findLayoutBreaks } from '@latchkey/testing/layout-breaks'
import { restoreLayout } from '@latchkey/testing/redis-layout'
import { startRedis } from '@latchkey/testing/stores'
import { test } from 'tap'
import { INCARNATION, openRegistry, renewal, snapshots, takeRegistryLayout } from './layout.ts'

test('there is a version to compare with', async (t) => {
  t.ok(snapshots.versions.length > 0)
})

for (const version of snapshots.versions) {
  test(`what the registry holds now is laid out as replicas of ${version} read it`, async (t) => {
    t.same(findLayoutBreaks(snapshots.read(version), await takeRegistryLayout(t)), [])
  })

  test(`what replicas of ${version} have written is read, and goes on`, async (t) => {
    const { url } = await startRedis(t)
    await restoreLayout(url, snapshots.read(version))
    const registry = await openRegistry(t, url)
    const { incarnation, members } = await registry.listMembers()
    t.equal(incarnation, INCARNATION)
    t.match(
      members.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      [
        { id: 'one', mark: '1', leaseMs: 1500 },
        { id: 'two', mark: '2', leaseMs: 1500 }
      ]
    )
    t.match(await registry.renew(renewal('one', INCARNATION, 0)), {
      seq: 2,
      complete: true,
      missed: [{ kind: 'session', id: 'a' }, { kind: 'everyone' }, { kind: 'user', id: 'ada' }]
    })
    t.match(await registry.announce([{ kind: 'everyone' }]), { incarnation: INCARNATION, seq: 3 })
    await registry.drop(INCARNATION, { id: 'two', mark: '2' })
    t.same(
      (await registry.listMembers()).members.map(({ id }) => id),
      ['one']
    )
  })
}
