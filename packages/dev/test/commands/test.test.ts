import { test } from 'tap'
import { readFilters } from '../../src/commands/test.ts'

test('a bare name is a package of this workspace, the rest is for turbo', (t) => {
  t.same(readFilters(['--', 'session', './apps/auth', '--affected']), [
    '--filter=@latchkey/session',
    '--filter=./apps/auth',
    '--affected'
  ])
  t.end()
})
