import { test } from 'tap'
import { isFreshSignIn } from '../../src/domain/fresh-sign-in.ts'

test('a sign-in is fresh for ten minutes, that moment included', async (t) => {
  const authenticatedAt = '2026-11-21T09:30:00.000Z'
  t.ok(isFreshSignIn(authenticatedAt, new Date('2026-11-21T09:40:00.000Z')))
  t.notOk(isFreshSignIn(authenticatedAt, new Date('2026-11-21T09:40:00.001Z')))
})
