import { startRedis } from '@latchkey/testing/stores'
import { test } from 'tap'
import { createServerFinder, slotOf } from '../src/servers.ts'
import { connect } from './scenario.ts'

test('a key lies in the slot that Redis says', async (t) => {
  const { url } = await startRedis(t, { args: ['--cluster-enabled', 'yes'] })
  const redis = await connect(t, url)
  for (const key of ['123456789', 'lk:s:{7f}0198f2a4', 'lk:s:{00}', '{}{a}', '{a}{b}', 'a{b', '{a', 'ключ', '']) {
    t.equal(slotOf(key), await redis.call('CLUSTER', 'KEYSLOT', key), key)
  }
})

test('one server has all keys', async (t) => {
  const { url } = await startRedis(t)
  const findServer = createServerFinder(await connect(t, url))
  t.equal(findServer('lk:s:{7f}'), findServer('lk:s:{00}'))
})
