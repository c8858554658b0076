import { readFileSync } from 'node:fs'
import { events } from '@latchkey/contracts/events'
import { SERVICE_NAMES, type ServiceName, traffic } from '@latchkey/contracts/services'
import { startGuardedNats, withUser } from '@latchkey/testing/guarded-stores'
import { test } from 'tap'
import { renderNatsConf } from '../src/nats-permissions.ts'
import { publish, sendLines, subscribe } from './raw-client.ts'

const queues: readonly string[] = ['', ...SERVICE_NAMES]
const wholes = Object.values(traffic)
const served = wholes.flatMap(({ serves }) => serves.flatMap((contract) => Object.values(contract)))
const subjects = [
  ...new Set([
    ...served.map(({ subject }) => subject),
    ...wholes.flatMap(({ tells, hears, shares }) => [...tells, ...hears, ...shares]),
    ...Object.values(events).map(({ subject }) => subject)
  ])
]
/** A subject as somebody would publish to it: a wildcard stands for any one word. */
const literal = (subject: string) => subject.replace('*', 'b1f6c0de')

test('the committed configuration of the server is what the contracts say', async (t) => {
  t.equal(readFileSync(new URL('../../../docker/nats.conf', import.meta.url), 'utf8'), renderNatsConf())
})

test('a service may publish what its contracts have it say and, cell by cell, nothing else', async (t) => {
  const { url } = await startGuardedNats(t)
  for (const service of SERVICE_NAMES) {
    const { calls, tells, records } = traffic[service]
    const said = [...calls.map(({ subject }) => subject), ...tells, ...records.map((name) => events[name].subject)]
    const refused = await sendLines(
      withUser(url, service),
      subjects.map((subject) => publish(literal(subject)))
    )
    const expected = subjects.filter((subject) => !said.includes(subject))
    t.same([...refused].sort(), expected.map((subject) => `Publish to "${literal(subject)}"`).sort(), service)
  }
})

test('a service may hear what its contracts let it hear, by its own queue where work is shared, and nothing else', async (t) => {
  const { url } = await startGuardedNats(t)
  const cells = subjects.flatMap((subject) => queues.map((queue) => ({ subject, queue })))
  for (const service of SERVICE_NAMES) {
    const { serves, hears, shares } = traffic[service]
    const answered = serves.flatMap((contract) => Object.values(contract).map(({ subject }) => subject))
    const shared = [...answered, ...shares]
    const isAllowed = ({ subject, queue }: { subject: string; queue: string }) =>
      hears.includes(subject) || (queue === service && shared.includes(subject))
    const refusals = cells.map(async (cell) => {
      const refused = await sendLines(withUser(url, service), [subscribe(cell.subject, cell.queue)])
      return { ...cell, refused: refused.size > 0 }
    })
    for (const { refused, ...cell } of await Promise.all(refusals)) {
      t.equal(refused, !isAllowed(cell), `${service} hears ${cell.subject} by queue "${cell.queue}"`)
    }
  }
})

const forbidden: Readonly<Record<ServiceName, readonly string[]>> = {
  gateway: ['session.open', 'session.put_profile', 'verdict.announce', 'verdict.announced', 'event.signed_in'],
  auth: ['verdict.announced', 'verdict.announce', 'verdict.renew', 'verdict.touched', 'session.check'],
  session: [
    'auth.sign_in',
    'session.open',
    'verdict.touched',
    'event.user_registered',
    '$JS.API.CONSUMER.LIST.LATCHKEY_EVENTS'
  ],
  activity: [
    ...['verdict.announced', 'session.end', 'auth.get_user', '$JS.API.STREAM.MSG.GET.OTHER'],
    ...['INFO', 'DURABLE.CREATE', 'MSG.NEXT'].map(
      (verb) => `$JS.API.CONSUMER.${verb}.LATCHKEY_EVENTS.auth-new-devices`
    ),
    ...['$JS.API.CONSUMER.DELETE.LATCHKEY_EVENTS.webhook-crm', '$JS.ACK.LATCHKEY_EVENTS.auth-new-devices.1.1.1.1.1']
  ]
}
const forbiddenToAll = [
  ...['verdict.acknowledged', 'anything', '$SYS.REQ.SERVER.PING', '_INBOX.nobody.x'],
  ...['$JS.API.STREAM.DELETE.LATCHKEY_EVENTS', '$JS.API.STREAM.PURGE.LATCHKEY_EVENTS', '$JS.API.STREAM.CREATE.OTHER'],
  ...SERVICE_NAMES.map((name) => `_INBOX.${name}.x`)
]

for (const service of SERVICE_NAMES) {
  test(`${service} is refused what belongs to others`, async (t) => {
    const { url } = await startGuardedNats(t)
    const tried = [...forbidden[service], ...forbiddenToAll]
    const refused = await sendLines(withUser(url, service), tried.map(publish))
    t.same([...refused].sort(), tried.map((subject) => `Publish to "${subject}"`).sort())
  })

  test(`${service} hears neither everything nor the answers to others`, async (t) => {
    const { url } = await startGuardedNats(t)
    const others = SERVICE_NAMES.filter((name) => name !== service)
    const tried = [
      '>',
      '*',
      '*.*',
      '_INBOX.>',
      '_INBOX.*.>',
      '$JS.>',
      'event.>',
      ...others.map((name) => `_INBOX.${name}.>`)
    ]
    const user = withUser(url, service)
    for (const subject of tried) t.equal((await sendLines(user, [subscribe(subject)])).size, 1, subject)
    t.equal((await sendLines(user, [subscribe(`_INBOX.${service}.abc.*`)])).size, 0, 'its own answers it hears')
  })
}

test('whoever names no user, another user or another password is not let in', async (t) => {
  const { url } = await startGuardedNats(t)
  const wrong = new URL(withUser(url, 'gateway'))
  wrong.password = 'something-else'
  for (const refused of [url, withUser(url, 'nobody'), wrong.href]) {
    await t.rejects(sendLines(refused, [publish('auth.sign_in')]), 'not let in')
  }
})
