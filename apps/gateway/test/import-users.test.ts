import { fail, ok } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { type ImportBatch, importUsers, type NumberedUser } from '../src/import-users.ts'

async function run(lines: readonly string[], importBatch: ImportBatch): Promise<Record<string, unknown>[]> {
  const reports: Record<string, unknown>[] = []
  for await (const text of importUsers([Buffer.from(lines.join('\n'))], importBatch)) {
    for (const line of text.trimEnd().split('\n')) reports.push(JSON.parse(line))
  }
  return reports
}

function createService() {
  const batches: (readonly NumberedUser[])[] = []
  const importBatch: ImportBatch = async (users) => {
    batches.push(users)
    return ok({ imported: users.length, faults: [] })
  }
  return { batches, importBatch }
}

const user = (n: number) => JSON.stringify({ email: `user-${n}@example.com` })

test('users go in batches, with the numbers of their lines, and each batch is reported', async (t) => {
  const { batches, importBatch } = createService()
  const reports = await run(
    Array.from({ length: 401 }, (_, n) => user(n)),
    importBatch
  )
  t.same(
    batches.map(({ length }) => length),
    [200, 200, 1]
  )
  t.match(batches[1]?.[0], { line: 201, user: { email: 'user-200@example.com' } })
  t.same(reports, [
    { type: 'progress', read: 200, imported: 200, failed: 0 },
    { type: 'progress', read: 400, imported: 400, failed: 0 },
    { type: 'progress', read: 401, imported: 401, failed: 0 },
    { type: 'done', read: 401, imported: 401, failed: 0 }
  ])
})

test('a bad line is reported with what is wrong, and keeps no other one out', async (t) => {
  const { batches, importBatch } = createService()
  const bad = [
    'no json',
    '[]',
    '"text"',
    '{"email":5,"isAdmin":true}',
    `{"firstName":"${'x'.repeat(20_000)}"}`,
    '{"role":"boss"}',
    '{"id":"1"}'
  ]
  const reports = await run([user(1), ...bad, user(2)], importBatch)
  t.match(batches, [[{ line: 1 }, { line: 9 }]])
  const errors = reports.filter(({ type }) => type === 'error').map(({ line, field, code }) => [line, field, code])
  t.same(errors, [
    [2, '', 'malformed'],
    [3, '', 'malformed'],
    [4, '', 'malformed'],
    [5, 'isAdmin', 'unknown_property'],
    [5, 'email', 'wrong_type'],
    [6, '', 'too_long'],
    [7, 'role', 'unknown_value'],
    [8, 'id', 'malformed']
  ])
  t.match(reports.at(-1), { type: 'done', read: 9, imported: 2, failed: 7 })
})

test('faults that the service finds are reported and counted once a line', async (t) => {
  const taken = { line: 2, field: 'email', code: 'identifier_taken', message: 'is taken' }
  const reports = await run([user(1), user(2)], async () => ok({ imported: 1, faults: [taken] }))
  t.same(reports[0], { type: 'error', ...taken })
  t.match(reports.at(-1), { type: 'done', read: 2, imported: 1, failed: 1 })
})

test('when the service fails nothing more is tried, and the report says from where', async (t) => {
  let calls = 0
  const lines = Array.from({ length: 500 }, (_, n) => user(n))
  const reports = await run(lines, async (users) => {
    calls += 1
    return calls === 1 ? ok({ imported: users.length, faults: [] }) : fail('unavailable')
  })
  t.equal(calls, 2)
  const aborted = { type: 'aborted', line: 201, code: 'unavailable', read: 200, imported: 200, failed: 0 }
  t.same(reports.at(-1), aborted)
})

test('a batch always fits a message, however long its lines', async (t) => {
  const { batches, importBatch } = createService()
  const long = Array.from({ length: 100 }, (_, n) => JSON.stringify({ email: `${n}@b.c`, lastName: '\\'.repeat(500) }))
  await run(
    long.map((line) => line.padEnd(15_000)),
    importBatch
  )
  t.ok(batches.every((batch) => JSON.stringify(batch).length < 512 * 1024))
  t.equal(batches.flat().length, 100)
})
