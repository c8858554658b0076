import { findLayoutBreaks } from '@latchkey/testing/layout-breaks'
import { restoreLayout } from '@latchkey/testing/redis-layout'
import { startRedis } from '@latchkey/testing/stores'
import { test } from 'tap'
import { connect, createStore, listAll, prepare, rotate } from './fixtures.ts'
import { EPOCH, people, renewed, snapshots, takeSessionLayout } from './layout.ts'

test('there is a version to compare with', async (t) => {
  t.ok(snapshots.versions.length > 0)
})

for (const version of snapshots.versions) {
  test(`what is written now is laid out as replicas of ${version} read it`, async (t) => {
    t.same(findLayoutBreaks(snapshots.read(version), await takeSessionLayout(t)), [])
  })

  test(`what replicas of ${version} have written is read, and goes on`, async (t) => {
    const { url } = await startRedis(t)
    await restoreLayout(url, snapshots.read(version))
    const store = createStore(await connect(t, url))
    const { signedIn, blocked, signedOut, endedWithEveryone, deleted } = people

    t.match(await listAll(store, signedIn.id, 'active'), [
      {
        slot: 3,
        method: 'trusted',
        tokens: 'session',
        openedAs: 'user',
        device: { id: null, name: 'Firefox on Linux' }
      },
      { slot: 2, method: 'password', tokens: 'pair', device: { id: /^0198c0de-1111/, userAgent: 'Mobile Safari' } },
      { slot: 1, id: renewed.sessionId, device: { userAgent: /^Mozilla.*Chrome\/142.0.0.0 Safari\/537.36$/ } }
    ])
    t.equal((await store.listDevices(signedIn.id)).length, 1)
    t.same(await store.find(renewed.sessionId), (await listAll(store, signedIn.id, 'all'))[2])
    const checked = await store.check({ userId: signedIn.id, sessionId: renewed.sessionId }, { touch: true })
    t.match(checked, { kind: 'active', user: signedIn })
    const { outcome, next } = await rotate(store, renewed.token)
    t.match(outcome, { kind: 'rotated' })
    t.match((await rotate(store, next)).outcome, { kind: 'rotated' })

    const [kept] = await listAll(store, blocked.id, 'active')
    t.match(kept, { method: 'password+totp', openedAs: 'admin' })
    const reference = { userId: blocked.id, sessionId: kept?.id ?? '' }
    t.match(await store.check(reference, { touch: false }), { kind: 'blocked', endsAtMs: Number })
    await store.putProfile({ ...blocked, emailVerified: false }, 3, undefined)
    t.match(await store.check(reference, { touch: false }), { kind: 'blocked' }, 'that version is known already')
    await store.putProfile({ ...blocked, emailVerified: false }, 4, undefined)
    t.match(await store.check(reference, { touch: false }), {
      kind: 'active',
      user: { ...blocked, emailVerified: false }
    })

    const reasons = (await listAll(store, signedOut.id, 'ended')).map(({ ended }) => ended?.reason)
    t.same(reasons, [
      ...['user_deleted', 'user_blocked', 'refresh_reuse', 'password_changed', 'expired_absolute', 'expired_idle'],
      ...['evicted_by_limit', 'replaced', 'revoked_by_admin', 'revoked_by_user', 'signed_out']
    ])
    t.match(await store.open(prepare(signedOut, { epoch: EPOCH - 1 }).request), { kind: 'stale_epoch' })
    t.match(await store.open(prepare(signedOut, { epoch: EPOCH }).request), { kind: 'opened' })
    t.match(await store.open(prepare(deleted).request), { kind: 'stale_epoch' })
    t.match(await listAll(store, endedWithEveryone.id, 'all'), [{ ended: { reason: 'revoked_by_admin' } }])

    t.match(await store.end({ userId: signedIn.id, sessionId: renewed.sessionId }, 'signed_out'), {
      session: { ended: { reason: 'signed_out' } }
    })
  })
}
