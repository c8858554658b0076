import { newSecret, verify } from '@latchkey/testing/webhook-receiver'
import { test } from 'tap'
import { readSecret, signMessage } from '../../src/webhooks/sign.ts'

const text = '{"name":"grüße","id":"event-0001"}'
const message = { id: 'event-0001', body: new TextEncoder().encode(text) }

test('what is signed by several secrets verifies by each of them, as others implement it', async (t) => {
  const secrets = [newSecret(), newSecret()]
  const headers = signMessage(message, secrets, new Date())
  for (const secret of secrets) t.match(verify({ headers, body: text }, secret), { id: 'event-0001' })
  t.throws(() => verify({ headers, body: text }, newSecret()), 'by another secret')
  t.throws(() => verify({ headers, body: text.replace('grüße', 'grusse') }, secrets[0] ?? ''), 'another body')
  t.throws(
    () => verify({ headers: { ...headers, 'webhook-id': 'event-0002' }, body: text }, secrets[0] ?? ''),
    'another id'
  )
})

test('a message that is played back later does not verify', async (t) => {
  const secret = newSecret()
  const headers = signMessage(message, [secret], new Date(Date.now() - 6 * 60_000))
  t.throws(() => verify({ headers, body: text }, secret))
})

test('only whsec_ and 24 to 64 bytes in base64 are a secret', async (t) => {
  t.ok(readSecret(newSecret()))
  const long = Buffer.alloc(65).toString('base64')
  for (const refused of [
    '',
    'whsec_',
    'whsec_c2hvcnQ=',
    `whsec_${long}`,
    newSecret().slice(6),
    'whsec_not base64 at all, but long'
  ]) {
    t.equal(readSecret(refused), undefined, refused)
  }
})
