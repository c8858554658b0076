import { test } from 'tap'
import { createComposer } from '../../src/mail/compose.ts'
import { createDueMail, KINDS } from './mails.ts'

const compose = createComposer('https://id.example.com/')
const WITH_LINK = {
  email_verification: 'email-verifications',
  email_change: 'email-verifications',
  password_reset: 'password-resets',
  new_device: 'session-reports'
}

test('text and HTML hold the same one link, to the configured address', async (t) => {
  for (const kind of KINDS) {
    const path = new Map(Object.entries(WITH_LINK)).get(kind)
    const { text, html, link } = compose(createDueMail(kind), path === undefined ? undefined : 'token')
    const expected = path === undefined ? [] : [`https://id.example.com/v1/${path}/token`]
    t.same(link, expected[0], kind)
    t.same(text.match(/https?:\/\/\S+/g) ?? [], expected)
    t.same(html.match(/(?<=href=")[^"]*/g) ?? [], expected)
    t.same([...new Set(html.match(/https?:\/\/[^"<\s]+/g))], expected)
  }
})

test('nothing in a mail comes from elsewhere or runs', async (t) => {
  for (const kind of KINDS) {
    const { html } = compose(createDueMail(kind), 'token')
    t.notMatch(html, /<(img|script|link|iframe|style)|src=|url\(/i)
  }
})

test('text of people and their clients is escaped in HTML, and is itself in text', async (t) => {
  const firstName = `<b>"&'`
  const { text, html } = compose(createDueMail('password_changed', { firstName }), undefined)
  t.match(html, 'Hello &lt;b&gt;&quot;&amp;&#39;,')
  t.match(text, `Hello ${firstName},`)
  const details = { device: '<script>', ip: '2001:db8::1', at: '2026-11-21T09:30:00.000Z' }
  const asking = compose(createDueMail('new_device', { details, firstName: null }), 'token')
  t.match(asking.html, '&lt;script&gt;, from 2001:db8::1, on 2026-11-21 at 09:30 UTC.')
  t.match(asking.text, /^Hello,\n\n.*\n\n<script>, from 2001:db8::1/)
})

test('a client without an address is told of without one', async (t) => {
  const details = { device: 'curl', ip: '', at: '2026-11-21T09:30:00.000Z' }
  t.match(compose(createDueMail('new_device', { details }), 'token').text, 'curl, from an unknown address')
})

test('every kind has a subject of its own', async (t) => {
  t.equal(new Set(KINDS.map((kind) => compose(createDueMail(kind), 'token').subject)).size, KINDS.length)
})
