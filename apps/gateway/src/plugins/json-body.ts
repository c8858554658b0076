import { fail, failField } from '@latchkey/contracts/errors'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { CallError } from '../errors.ts'

const JSON_TYPE = /^application\/json(?:[ \t]*;[ \t]*charset=(?:utf-8|"utf-8"))?[ \t]*$/i
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bodies are JSON in UTF-8 and nothing else; text that no store can keep is refused here, before any schema. */
export const jsonBody = fp(
  async (app: FastifyInstance) => {
    const parse = app.getDefaultJsonParser('error', 'error')
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
      if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) {
        done(new CallError(fail('unsupported_media_type')))
        return
      }
      const text = decode(body)
      if (text === undefined) {
        done(malformed('not_utf8', 'The body is not UTF-8'))
        return
      }
      if (text.length === 0) {
        done(null, undefined)
        return
      }
      parse(request, text, (err, value) => {
        done(err === null ? findUnstorable(text, value) : malformed('malformed', 'The body is not valid JSON'), value)
      })
    })
  },
  { name: 'json-body' }
)

function decode(body: Buffer): string | undefined {
  try {
    return decoder.decode(body)
  } catch {
    return undefined
  }
}

function malformed(code: string, message: string): CallError {
  return new CallError(failField('', code, message))
}

/** NUL and lone surrogates arrive only as escapes: JSON forbids the one and UTF-8 the other. */
function findUnstorable(text: string, value: unknown): CallError | null {
  if (!text.includes('\\u')) return null
  const waiting: [path: string, value: unknown][] = [['', value]]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [path, current] = next
    if (typeof current === 'string' && !isStorable(current)) return unstorable(path)
    if (typeof current !== 'object' || current === null) continue
    for (const [key, member] of Object.entries(current)) {
      if (!isStorable(key)) return unstorable(path)
      waiting.push([path === '' ? key : `${path}.${key}`.slice(0, 100), member])
    }
  }
  return null
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

function unstorable(field: string): CallError {
  return new CallError(failField(field, 'malformed', 'This is not well-formed text'))
}
