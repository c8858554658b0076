import { findLayoutBreaks } from '@latchkey/testing/layout-breaks'
import { restoreLayout } from '@latchkey/testing/redis-layout'
import { startRedis } from '@latchkey/testing/stores'
import { test } from 'tap'
import { entry, letter, openStores, PLACE, people, RULES, SOURCE, snapshots, takeActivityLayout } from './layout.ts'

const FIRST_PAGE = { kind: undefined, limit: 10, before: undefined }

test('there is a version to compare with', async (t) => {
  t.ok(snapshots.versions.length > 0)
})

for (const version of snapshots.versions) {
  test(`what is written now is laid out as replicas of ${version} read it`, async (t) => {
    t.same(findLayoutBreaks(snapshots.read(version), await takeActivityLayout(t)), [])
  })

  test(`what replicas of ${version} have written is read, and goes on`, async (t) => {
    const { url } = await startRedis(t)
    await restoreLayout(url, snapshots.read(version))
    const { states, timelines, events, attempts, erasures, letters } = await openStores(t, url)
    const judge = (userId: string) => states.judge(userId, 'request', RULES, 0)

    t.match(await states.listLastSeen([people.active, people.keptOut]), [Number, undefined])
    t.match(await judge(people.active), { verdict: 'admitted', lastSeenMs: Number })
    t.match(await judge(people.inactive), { verdict: 'blocked', reason: 'inactivity' })
    t.match(await judge(people.keptOut), { verdict: 'admitted', adminBlock: { untilMs: Number } })

    const { occurredAt: _now, ...kept } = entry()
    t.match(await timelines.list(people.active, FIRST_PAGE), [kept])
    t.match(await timelines.listRecorded(people.active, { after: '0-0', limit: 10 }), { items: [{ entry: kept }] })
    t.match(await events.list({ ...FIRST_PAGE, kind: 'sign_in_failed' }), [{ ...kept, userId: people.active }])
    await timelines.append(people.active, [entry()])
    t.equal((await timelines.list(people.active, FIRST_PAGE)).length, 1, 'it is known by its id')

    const others = { places: [], otherwise: 'others' }
    t.match(await attempts.takeFromAccount(people.guessed, others), { kind: 'refused' })
    t.match(await attempts.takeFromAccount(people.guessed, { places: [PLACE], otherwise: undefined }), {
      kind: 'taken',
      budget: PLACE
    })
    t.match(await attempts.takeFromSource(SOURCE, 'secrets'), { kind: 'taken' })
    t.match(await attempts.takeFromSource(SOURCE, 'secrets'), { kind: 'busy' }, 'one was wrong, one is being judged')
    t.equal(await attempts.countFailure(), 2)

    const { failedAt: _then, ...failed } = letter()
    t.match(await letters.list('crm'), [failed])
    t.equal(await timelines.append(people.deleted, [entry()]), false, 'nothing is kept of who was deleted')
    t.same(await erasures.erase(people.active), [12])
    t.same(await timelines.list(people.active, FIRST_PAGE), [])
  })
}
