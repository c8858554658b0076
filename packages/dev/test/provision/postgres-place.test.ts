import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { canReach } from '../../src/provision/account.ts'

const stranger = { name: 'stranger', uid: 65_533, gid: 65_533 }

test('an account reaches a folder only when every folder above lets it pass', (t) => {
  const folder = t.testdir({ open: { inner: {} } })
  chmodSync(join(folder, 'open'), 0o711)
  const outer = canReach(stranger, folder)
  t.equal(canReach(stranger, join(folder, 'open', 'inner')), outer)
  chmodSync(join(folder, 'open'), 0o700)
  t.equal(canReach(stranger, join(folder, 'open', 'inner')), false)
  chmodSync(join(folder, 'open'), 0o755)
  t.end()
})
