import { test } from 'tap'
import { judgeTargets } from '../../src/report/targets.ts'
import { createFinding } from '../../src/rounds.ts'

const rate = (id: string, value: number) => createFinding(id, id, 'requests/s', [value])

test('a target holds by what was measured, and is left open where nothing was', async (t) => {
  const results = judgeTargets([
    rate('who-am-i/latchkey-hot', 90),
    rate('who-am-i/bare-fastify', 100),
    rate('who-am-i/jwt-rs256', 30)
  ])
  const judge = (text: string) => results.find(({ target }) => target.includes(text))?.holds
  t.equal(judge('hot token'), true)
  t.equal(judge('RS256'), false)
  t.equal(judge('argon2'), null)
})

test('among many sessions the call that grew most decides', async (t) => {
  const results = judgeTargets([
    ...['whoAmI', 'firstUse', 'refresh'].flatMap((call) => [
      rate(`scale/${call}-few`, 100),
      rate(`scale/${call}-many`, 100)
    ]),
    rate('scale/revoke-few', 10),
    rate('scale/revoke-many', 12)
  ])
  t.match(results.at(-1), { measured: 1.2, holds: false })
})
