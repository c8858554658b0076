import { randomInt } from 'node:crypto'
import { t as root, test } from 'tap'
import { planCluster } from '../../src/clusters/arrangements.ts'
import { runHistory } from '../../src/history/run-history.ts'

const SECONDS = 14
const USERS = 4

root.setTimeout(300_000)

test('while the primaries of a Redis Cluster fail, no end that was answered is undone', async (t) => {
  const seed = randomInt(1, 2 ** 31)
  const tell = (line: string) => t.comment(line)
  const plan = planCluster('redis-cluster')
  const { violations, accepted, ended } = await runHistory(t, { ...plan, seed, seconds: SECONDS, users: USERS, tell })
  t.same(violations.slice(0, 10), [], `again: pnpm test:clusters redis-cluster --seed ${seed} --seconds ${SECONDS}`)
  t.ok(accepted > 100, `${accepted} requests accepted`)
  t.ok(ended > 5, `${ended} endings answered`)
})
