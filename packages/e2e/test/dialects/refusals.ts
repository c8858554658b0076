import type { Answer } from '../../src/http.ts'

/** The text of a refusal that has exactly one dialect's shape; `undefined` for any other answer. */
export type ReadRefusal = (answer: Answer) => string | undefined

/** `{message}` */
export const readMessage: ReadRefusal = (answer) => readText(answer, ['message'], answer.body?.message)

/** Dialect 0: `{message}`, and `{error}` for missing fields. */
export const readMessageOrError: ReadRefusal = (answer) =>
  readMessage(answer) ?? readText(answer, ['error'], answer.body?.error)

/** Dialect 2: `{errors:[{msg,param,location}]}` with status 400, `{message}` with any other. */
export const readFirstError: ReadRefusal = (answer) => {
  if (answer.status !== 400) return readMessage(answer)
  const { errors } = answer.body ?? {}
  if (!Array.isArray(errors) || !errors.every(isFieldError)) return undefined
  return readText(answer, ['errors'], errors[0]?.msg)
}

/** Dialect 3: `{success:false,message}` */
export const readFailure: ReadRefusal = (answer) =>
  answer.body?.success === false ? readText(answer, ['success', 'message'], answer.body.message) : undefined

function readText({ headers, body }: Answer, keys: readonly string[], text: unknown): string | undefined {
  if (headers.get('content-type')?.startsWith('application/json') !== true) return undefined
  return String(Object.keys(body ?? {})) === String(keys) && typeof text === 'string' ? text : undefined
}

function isFieldError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { msg, param, location, ...others } = error as Record<string, unknown>
  return typeof msg === 'string' && typeof param === 'string' && location === 'body' && Object.keys(others).length === 0
}
