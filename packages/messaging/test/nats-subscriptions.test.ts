import { activityMessages } from '@latchkey/contracts/activity'
import { sessionContract } from '@latchkey/contracts/session'
import { verdictMessages } from '@latchkey/contracts/verdict'
import { startGuardedNats, withUser } from '@latchkey/testing/guarded-stores'
import type { TestScope } from '@latchkey/testing/stores'
import { test } from 'tap'
import { openNatsTransport } from '../src/nats-transport.ts'
import type { Message } from '../src/transport.ts'
import { createLog } from './stand-in.ts'

const message: Message = { data: new Uint8Array(), headers: {} }
const { subject: announced } = verdictMessages.announced
const { subject: check } = sessionContract.check

async function connect(t: TestScope, url: string, name: string) {
  const log = createLog()
  const transport = openNatsTransport({ url: withUser(url, name), name, log })
  t.teardown(() => transport.close())
  await transport.flush(5000)
  const heard = (text: string) => log.lines.filter((line) => line.text.startsWith(text))
  return { transport, heard }
}

async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20))
}

test('a subscription whose right is taken away says so, and hears again once the right is back', async (t) => {
  const nats = await startGuardedNats(t)
  const gateway = await connect(t, nats.url, 'gateway')
  const session = await connect(t, nats.url, 'session')
  let taken = 0
  const fates: string[] = []
  const take = () => {
    taken += 1
  }
  gateway.transport.subscribe(announced, take, {
    refused: () => fates.push('refused'),
    granted: () => fates.push('granted')
  })
  await gateway.transport.flush(5000)
  session.transport.publish(announced, message)
  await until(() => taken === 1)

  await nats.reconfigure((text) =>
    text.replace(`"${announced}",\n          "${activityMessages.recorded.subject}"`, '"x"')
  )
  await until(() => fates.length > 1)
  t.same(new Set(fates), new Set(['refused']))
  t.equal(gateway.heard('subscription is refused').length, 1, 'one line, however often it is asked for again')
  t.match(gateway.heard('subscription is refused'), [{ level: 'warn', fields: { subject: announced } }])

  await nats.reconfigure()
  await until(() => fates.at(-1) === 'granted')
  t.equal(gateway.heard('subscription is granted').length, 1)
  session.transport.publish(announced, message)
  await until(() => taken === 2)
  t.equal(taken, 2, 'and each message once')
})

test('a service whose right to answer is taken away answers again once it is back', async (t) => {
  const nats = await startGuardedNats(t)
  const gateway = await connect(t, nats.url, 'gateway')
  const session = await connect(t, nats.url, 'session')
  session.transport.serve(check, 'session', async (asked) => asked)
  await session.transport.flush(5000)
  const isAnswered = () =>
    gateway.transport.request(check, message, 500).then(
      () => true,
      () => false
    )
  t.ok(await isAnswered())

  await nats.reconfigure((text) => text.replace(`"${check} session"`, '"x session"'))
  await until(() => session.heard('subscription is refused').length === 1)
  t.notOk(await isAnswered())

  await nats.reconfigure()
  await until(isAnswered)
  await until(() => session.heard('subscription is granted').length === 1)
})
