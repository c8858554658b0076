import { test } from 'tap'
import { listUsers } from '../../src/domain/list-users.ts'
import { createAdminFakes } from './admin-fakes.ts'

const all = { query: null, state: null, role: null, limit: 2, cursor: null }

test('a page ends with a cursor where there is more, and the cursor begins the next', async (t) => {
  const { deps, calls } = createAdminFakes()
  t.match(await listUsers(deps, all), { value: { items: [{ number: 30 }, { number: 29 }], nextCursor: 'u29' } })
  t.match(await listUsers(deps, { ...all, limit: 3, cursor: 'u29' }), { value: { nextCursor: null } })
  t.match(calls, [
    ['search', { limit: 3, beforeNumber: undefined }],
    ['search', { limit: 4, beforeNumber: 29 }]
  ])
})

test('text is looked for without the blanks around it, and blanks alone are no text', async (t) => {
  const { deps, calls } = createAdminFakes()
  await listUsers(deps, { ...all, query: ' ann ', state: 'blocked', role: 'admin' })
  await listUsers(deps, { ...all, query: '  ' })
  t.match(calls, [
    ['search', { query: 'ann', state: 'blocked', role: 'admin' }],
    ['search', { query: undefined }]
  ])
})

test('a cursor of somewhere else, or text that is none, is a fault of the request', async (t) => {
  const { deps } = createAdminFakes()
  for (const cursor of ['s29', 'u', 'u29x', 'u9999999999', '29']) {
    t.match(await listUsers(deps, { ...all, cursor }), { details: { errors: [{ field: 'cursor' }] } }, cursor)
  }
  for (const query of ['a\0b', '\ud800']) {
    t.match(await listUsers(deps, { ...all, query }), { details: { errors: [{ field: 'query' }] } })
  }
})
