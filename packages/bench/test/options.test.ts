import { UsageError } from '@latchkey/dev/command-line'
import { test } from 'tap'
import { measureNames, readOptions } from '../src/options.ts'

test('without options everything is measured at full size', async (t) => {
  const options = readOptions([])
  t.same(options.only, measureNames)
  t.equal(options.sessions, 1_000_000)
  t.equal(options.tokens, 100_000)
})

test('a number given wins over the small sizes of a quick run', async (t) => {
  const options = readOptions(['--quick', '--seconds', '3', '--only', 'revoke,refresh', '--json', 'out.json'])
  t.match(options, { rounds: 1, seconds: 3, only: ['revoke', 'refresh'], json: 'out.json' })
})

test('what is not understood is told in words', async (t) => {
  for (const args of [['--only', 'sleep'], ['--rounds', '0'], ['--seconds', '1e3'], ['--fast'], ['now']]) {
    t.throws(() => readOptions(args), UsageError, args.join(' '))
  }
})
