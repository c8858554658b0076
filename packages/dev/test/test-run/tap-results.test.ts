import { test } from 'tap'
import { readTapResults } from '../../src/test-run/tap-results.ts'

const passing = `# Subtest: test/a.test.ts
    # Subtest: adds
        ok 1 - should be equal
        1..1
    ok 1 - adds # time=1.2ms
    ok 2 - later # SKIP not yet
    1..2
ok 1 - test/a.test.ts # time=9ms
`

const failing = `# Subtest: test/b.test.ts
    # Subtest: subtracts
        not ok 1 - should be equal
          ---
          diff: |
            -1
            +2
          ...
        1..1
    not ok 1 - subtracts # time=3ms
    ok 2 - divides
    1..2
not ok 2 - test/b.test.ts # time=9ms
`

const crashing = `# Subtest: test/c.test.ts
    1..0 # no tests found
not ok 3 - test/c.test.ts # time=5ms
  ---
  exitCode: 1
  ...
`

test('named tests are counted, skipped ones and assertions are not', (t) => {
  t.same(readTapResults(passing), { passed: 1, failures: [] })
  t.end()
})

test('a failure is told with its file, its name and what the assertion said', (t) => {
  t.same(readTapResults(passing + failing), {
    passed: 2,
    failures: [{ title: 'test/b.test.ts › subtracts', details: ['should be equal', 'diff: |', '  -1', '  +2'] }]
  })
  t.end()
})

test('a file that crashed counts as one failure', (t) => {
  t.match(readTapResults(crashing), { passed: 0, failures: [{ title: 'test/c.test.ts', details: ['exitCode: 1'] }] })
  t.end()
})
