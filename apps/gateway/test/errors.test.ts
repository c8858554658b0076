import { fail } from '@latchkey/contracts/errors'
import t from 'tap'
import { unwrapOpened } from '../src/errors.ts'

t.test('a registration that opened no session where one was wanted is a fault of ours', async (t) => {
  t.throws(() => unwrapOpened(fail('unavailable')), { name: 'CallError' })
})
