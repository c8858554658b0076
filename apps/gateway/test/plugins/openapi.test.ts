import { readFile } from 'node:fs/promises'
import { startNats } from '@latchkey/testing/stores'
import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import * as adminSchemas from '../../src/admin-schemas.ts'
import { Problem } from '../../src/problem-schema.ts'
import * as schemas from '../../src/schemas.ts'
import { startGateway } from '../gateway.ts'
import { renderOpenApiDocument } from '../openapi-document.ts'

const committed = await readFile(new URL('../../openapi.json', import.meta.url), 'utf8')

t.test('the committed description is the one the gateway gives', async (t) => {
  t.ok(committed === (await renderOpenApiDocument()), 'run the script `openapi` of this package')
})

t.test('it is valid OpenAPI 3.1', async (t) => {
  const validator = new Validator()
  const result = await validator.validate(structuredClone(JSON.parse(committed)))
  t.equal(result.valid, true, JSON.stringify(result.errors))
  t.equal(validator.version, '3.1')
})

t.test('its examples keep to their schemas', async (t) => {
  const named: Record<string, TSchema> = {
    User: schemas.User,
    Session: schemas.Session,
    SignedIn: schemas.SignedIn,
    TokenPair: schemas.TokenPair,
    Current: schemas.Current,
    Ended: schemas.Ended,
    SessionPage: schemas.SessionPage,
    ActivityPage: schemas.ActivityPage,
    ...adminSchemas,
    EventPage: schemas.EventPage
  }
  for (const [name, schema] of Object.entries(named)) {
    const examples: unknown = Reflect.get(schema, 'examples')
    if (!Array.isArray(examples)) throw new Error(`${name} has no examples`)
    for (const example of examples) t.ok(Compile(schema).Check(example), name)
  }
})

t.test('every problem it shows is one', async (t) => {
  const validator = Compile(Problem)
  const document: { paths: Record<string, Record<string, { responses: Record<string, Described> }>> } =
    JSON.parse(committed)
  interface Described {
    content?: Record<string, { examples?: Record<string, { value: { status: number; code: string } }> }>
  }
  for (const operation of Object.values(document.paths).flatMap((path) => Object.values(path))) {
    for (const [status, { content }] of Object.entries(operation.responses)) {
      for (const [code, { value }] of Object.entries(content?.['application/problem+json']?.examples ?? {})) {
        t.ok(validator.Check(value), code)
        t.same([value.code, String(value.status)], [code, status])
      }
    }
  }
})

t.test('it says who may call what, and nothing refers to a missing name', async (t) => {
  const document = JSON.parse(committed)
  t.same(document.paths['/v1/me'].get.security, [{ bearer: [] }, { cookie: [] }])
  t.notOk('security' in document.paths['/v1/sessions'].post)
  for (const [, name = ''] of committed.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    t.ok(name in document.components.schemas, name)
  }
})

t.test('the page to read it by loads nothing from elsewhere', async (t) => {
  const { url: natsUrl } = await startNats(t)
  const { app } = await startGateway(t, { natsUrl })
  const page = await app.inject('/docs/')
  t.equal(page.statusCode, 200)
  const policy = String(page.headers['content-security-policy'])
  t.match(policy, "script-src 'self'")
  t.notMatch(policy, /https?:|upgrade-insecure-requests|unsafe-eval/)
  const files = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file = '']) => file)
  t.ok(files.length >= 3)
  for (const file of files) {
    t.notMatch(file, /^(https?:)?\/\//)
    const res = await app.inject(new URL(file, 'http://x/docs/').pathname)
    t.equal(res.statusCode, 200, file)
  }
  t.notMatch(page.body, /<script>(?!\s*<)/, 'no inline script')
  t.equal((await app.inject('/docs')).statusCode, 200)
})
