import { failField } from '@latchkey/contracts/errors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { CallError } from '../errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The text at a path in dots of the body; `undefined` for one that is missing, empty or no text. */
    findText(path: string): string | undefined
    /** Fields of the body; throws the fault `required` of the first for which there is no text. */
    getTexts<K extends string>(...names: readonly K[]): Record<K, string>
  }
}

/** For routes that say for themselves, and in words of their own, what they miss in a body. */
export const textFields = fp(
  async (app: FastifyInstance) => {
    app.decorateRequest('findText', function (this: FastifyRequest, path: string) {
      return findText(this.body, path)
    })
    app.decorateRequest('getTexts', function <K extends string>(this: FastifyRequest, ...names: readonly K[]) {
      return getTexts(this.body, names)
    })
  },
  { name: 'text-fields' }
)

function findText(body: unknown, path: string): string | undefined {
  let value = body
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Object.getOwnPropertyDescriptor(value, name)?.value
  }
  return typeof value === 'string' && value !== '' ? value : undefined
}

function getTexts<K extends string>(body: unknown, names: readonly K[]): Record<K, string> {
  const entries = names.map((name) => {
    const text = findText(body, name)
    if (text === undefined) throw new CallError(failField(name, 'required', 'This is required'))
    return [name, text]
  })
  return Object.fromEntries(entries)
}
