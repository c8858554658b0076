import { type Test, test } from 'tap'
import type { Answer, Api } from '../../src/http.ts'
import type { ReadRefusal } from './refusals.ts'

type Body = Record<string, unknown>
type CreateBody = () => Body
type Post = (body: unknown, headers?: Record<string, string>) => Promise<Answer>

/** A route that takes a body, and what its document says of that body. */
export interface Door {
  readonly path: string
  /** Gives what makes bodies that the route accepts; of new persons where it registers them. */
  readonly prepare: () => Promise<CreateBody>
  /** The status it is accepted with. */
  readonly accepted: number
  /** By each required field, its path in dots: the body of the 400 when it is missing, empty or not text. */
  readonly required: Readonly<Record<string, object>>
  readonly readRefusal: ReadRefusal
}

const notText: readonly unknown[] = [undefined, null, '', true, 5, ['text'], {}]
const unstorable = ['\u0000', '\ud800', '\udfff'] as const

/** Values that have broken parsers, validators, hash functions and databases. */
const hostile: readonly unknown[] = [
  1e21,
  [['a@example.com']],
  { $ne: null },
  { toString: 'x' },
  ' ',
  '\u202e\u2028\r\n\t\u001b[31m',
  'a@example.com\r\nBcc: b@example.com',
  "'; drop table users; --",
  '../../etc/passwd',
  'session.*.>',
  '__proto__',
  'constructor',
  '9'.repeat(400),
  'a'.repeat(10_000),
  '\u00e9'.repeat(4000),
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'.repeat(50)
]
const malformed = [
  '{',
  '{"email":"a@example.com"',
  "{'email':1}",
  'email=a@example.com',
  '[1,',
  '{"a":"\\x"}',
  '\u0000'
]
const notAnObject = ['', 'null', '[]', '"text"', '5', 'true', `${'['.repeat(3000)}${']'.repeat(3000)}`]
const otherTypes = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/jsonx',
  'application/vnd.api+json'
]

/** What holds for every body of every dialect, as a test of its own. */
export function testInput(api: Api, door: Door): void {
  const { path, accepted, prepare } = door
  test(`what ${path} makes of bodies`, async (t) => {
    const createBody = await prepare()
    const post: Post = (body, headers = {}) => api('POST', path, { body, headers })

    await t.test('fields', (t) => checkFields(t, door, createBody, post))
    await t.test('no object', (t) => checkBodies(t, door, createBody, post))
    await t.test('other types of content', async (t) => {
      for (const type of otherTypes) {
        const answer = await post(createBody(), { 'content-type': type })
        t.equal(answer.status, 415, type)
        t.equal(door.readRefusal(answer), 'Unsupported media type', type)
      }
      t.equal((await post(createBody(), { 'content-type': 'application/json; charset=utf-8' })).status, accepted)
    })
    await t.test('more fields than are known change nothing', async (t) => {
      const answer = await post({ role: 'admin', isAdmin: true, id: 1, _id: 'x', user_id: 7, ...createBody() })
      t.equal(answer.status, accepted)
      t.notMatch(JSON.stringify(answer.body), 'admin')
    })
  })
}

async function checkBodies(t: Test, { readRefusal }: Door, createBody: CreateBody, post: Post): Promise<void> {
  for (const body of malformed) {
    const answer = await post(body)
    t.equal(answer.status, 400, body)
    t.equal(readRefusal(answer), 'Invalid JSON', body)
  }
  for (const body of notAnObject) {
    const answer = await post(body)
    t.equal(answer.status, 400, body.slice(0, 40))
    t.type(readRefusal(answer), 'string', body.slice(0, 40))
  }
  const tooLarge = await post({ ...createBody(), more: 'x'.repeat(20_000) })
  t.equal(tooLarge.status, 413)
  t.type(readRefusal(tooLarge), 'string')
}

async function checkFields(t: Test, door: Door, createBody: CreateBody, post: Post): Promise<void> {
  const { required, readRefusal } = door
  for (const [field, refusal] of Object.entries(required)) {
    for (const value of notText) {
      const answer = await post(withField(createBody(), field, () => value))
      t.equal(answer.status, 400, `${field}: ${JSON.stringify(value)}`)
      t.strictSame(answer.body, refusal, `${field}: ${JSON.stringify(value)}`)
    }
    for (const character of unstorable) {
      const answer = await post(withField(createBody(), field, (text) => `${text}${character}`))
      t.equal(answer.status, 400, `${field} with ${JSON.stringify(character)}`)
      t.type(readRefusal(answer), 'string', `${field} with ${JSON.stringify(character)}`)
    }
    const ask = async (value: unknown) => {
      const answer = await post(withField(createBody(), field, () => value))
      const isFine = answer.status < 400 || (answer.status < 500 && readRefusal(answer) !== undefined)
      return isFine ? [] : [`${JSON.stringify(value).slice(0, 60)}: ${answer.status} ${JSON.stringify(answer.body)}`]
    }
    t.strictSame((await Promise.all(hostile.map(ask))).flat(), [], `${field}: no fault, no other shape`)
  }
}

/** A copy of the body with one field changed; taken out where the change gives `undefined`. */
function withField(body: Body, path: string, change: (value: unknown) => unknown): Body {
  const [name = '', ...rest] = path.split('.')
  const { [name]: value, ...others } = body
  const changed = rest.length === 0 ? change(value) : withField(value as Body, rest.join('.'), change)
  return changed === undefined ? others : { ...body, [name]: changed }
}
