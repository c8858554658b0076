import { join } from 'node:path'
import { newSecret } from '@latchkey/testing/webhook-receiver'
import { type Test, test } from 'tap'
import { readEndpoints } from '../../src/webhooks/read-endpoints.ts'

const secret = newSecret()
const crm = { name: 'crm', url: 'https://crm.example/hooks', secrets: [secret] }

function read(t: Test, content: unknown, requiresTls = true) {
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  return readEndpoints(join(t.testdir({ 'webhooks.json': text }), 'webhooks.json'), { requiresTls })
}

test('without a file there are no endpoints', async (t) => {
  t.same(await readEndpoints(undefined, { requiresTls: true }), [])
})

test('endpoints are as the file names them', async (t) => {
  const endpoints = [crm, { ...crm, name: 'audit', events: ['sessionEnded', 'userBlocked'] }]
  t.same(await read(t, { endpoints }), [{ ...crm, events: undefined }, endpoints[1]])
})

test('where TLS is not required an endpoint may do without', async (t) => {
  t.equal((await read(t, { endpoints: [{ ...crm, url: 'http://127.0.0.1:4000/' }] }, false)).length, 1)
})

test('every place at fault is named in one line, and no secret', async (t) => {
  const faulty = {
    endpoints: [
      { ...crm, url: 'http://crm.example/' },
      { ...crm, secrets: [secret, 'whsec_c2hvcnQ='] },
      { ...crm, name: 'third', url: 'https://user:pass@crm.example/', events: ['sessionEnded', 'sessionOver'] }
    ]
  }
  await t.rejects(read(t, faulty), {
    name: 'ConfigError',
    message:
      'configuration: in the file of WEBHOOKS_FILE /endpoints/0/url must be an https URL without credentials; ' +
      '/endpoints/1/name is taken; /endpoints/1/secrets/1 must be whsec_ and 24 to 64 bytes in base64; ' +
      '/endpoints/2/url must be an https URL without credentials; /endpoints/2/events/1 is not an event'
  })
})

test('a file of another shape, that is no JSON, or not there is refused', async (t) => {
  const shapes: [unknown, RegExp][] = [
    ['{', /it is not JSON$/],
    [{}, /it must have required properties endpoints/],
    [{ endpoints: [{ ...crm, name: 'Not A Name' }] }, /\/endpoints\/0\/name must match/],
    [{ endpoints: [{ ...crm, secrets: [] }] }, /\/endpoints\/0\/secrets /],
    [{ endpoints: [{ ...crm, secret }] }, /\/endpoints\/0/]
  ]
  for (const [content, message] of shapes) await t.rejects(read(t, content), { name: 'ConfigError', message })
  await t.rejects(readEndpoints('/nowhere/webhooks.json', { requiresTls: true }), /it cannot be read/)
})
