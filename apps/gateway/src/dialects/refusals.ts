import { errorCatalogue, type Failure, type FieldError } from '@latchkey/contracts/errors'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { findRetryAfterSeconds, readFailure } from '../errors.ts'

/**
 * Words for failures in an interface that has no codes, with a status where it is another than the catalogue's. Of a
 * fault the first counts of `<field> <code>`, `<code>`, `<field>`, of any other failure of its code and its status. For
 * one route alone the key is preceded by the route's path and a space.
 */
export type Texts = Readonly<Record<string, string | readonly [status: number, text: string]>>

/** Where the older interfaces are silent they all say the same. */
const commonTexts: Texts = {
  unsupported_media_type: 'Unsupported media type',
  too_many_attempts: 'Too many attempts',
  user_blocked: 'User is blocked',
  second_factor_required: [403, 'Second factor required']
}

export interface Refusals {
  /** Answers an error. */
  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void
  /** What a failure looks like on the route of that path. */
  describe(failure: Failure, path: string): { readonly status: number; readonly body: object }
}

/** Errors in a shape of their own: a plain text that `present` puts into it. `faults` are those of single fields. */
export function createRefusals(
  texts: Texts,
  present: (text: string, failure: Failure, faults: readonly FieldError[]) => object
): Refusals {
  const describe: Refusals['describe'] = (failure, path) => {
    const [status, text] = findText(failure, path, texts)
    const faults = listFaults(failure).map((fault) => ({ ...fault, message: findFaultText(fault, path, texts) }))
    return { status, body: present(text, failure, faults) }
  }
  const answer: Refusals['answer'] = (error, request, reply) => {
    const failure = readFailure(error, request)
    const retryAfterSeconds = findRetryAfterSeconds(failure)
    if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds))
    const { status, body } = describe(failure, request.routeOptions.url ?? '')
    reply.code(status).send(body)
  }
  return { answer, describe }
}

function findText(failure: Failure, path: string, texts: Texts): readonly [status: number, text: string] {
  const { status, title } = errorCatalogue[failure.code]
  const [fault] = listFaults(failure)
  if (fault !== undefined) return [status, findFaultText(fault, path, texts)]
  const ownStatus = Math.min(status, 500)
  const found =
    pick(texts, path, failure.code) ?? commonTexts[failure.code] ?? pick(texts, path, String(ownStatus)) ?? title
  return typeof found === 'string' ? [ownStatus, found] : found
}

/** A fault without a field is one of the body as a whole. */
function findFaultText({ field, code }: FieldError, path: string, texts: Texts): string {
  if (field === '') return 'Invalid JSON'
  const found = [`${field} ${code}`, code, field]
    .map((key) => pick(texts, path, key))
    .find((text) => text !== undefined)
  return typeof found === 'string' ? found : 'Invalid request'
}

function pick(texts: Texts, path: string, key: string): Texts[string] | undefined {
  return texts[`${path} ${key}`] ?? (Object.hasOwn(texts, key) ? texts[key] : undefined)
}

function listFaults(failure: Failure): readonly FieldError[] {
  return failure.code === 'invalid_request' ? failure.details.errors : []
}
