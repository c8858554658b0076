import { randomUUID } from 'node:crypto'
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { errorCatalogue, type Failure, fail } from '@latchkey/contracts/errors'
import { readRequestId } from './call.ts'
import { createProblem, createProblemHeaders } from './problem.ts'

/** More than an answer that is on its way. */
const MAX_UNREAD_BYTES = 64 * 1024

const parserFailures: Readonly<Record<string, Failure>> = {
  ERR_HTTP_REQUEST_TIMEOUT: fail('request_timeout'),
  HPE_HEADER_OVERFLOW: fail('headers_too_large')
}

/** Answers what the HTTP parser refuses, for which there is neither a request nor a reply. The connection ends. */
export function answerParserError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  // Whoever leaves earlier answers unread would leave this one, too, and keep the connection for as long as they like.
  if (!socket.writable || socket.writableLength > MAX_UNREAD_BYTES) {
    socket.destroy()
    return
  }
  const failure = parserFailures[error.code ?? ''] ?? fail('invalid_request', { errors: [] })
  socket.write(renderAnswer(failure, randomUUID()))
  socket.destroySoon()
}

function renderAnswer(failure: Failure, requestId: string): string {
  const { status } = errorCatalogue[failure.code]
  const { headers, body } = createAnswer(failure, requestId)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n')
}

/** Answers an `Expect` header that asks for anything but `100-continue`. */
export function answerExpectation(request: IncomingMessage, response: ServerResponse): void {
  const failure = fail('expectation_failed')
  const { headers, body } = createAnswer(failure, readRequestId(request.headers['x-request-id']))
  response.writeHead(errorCatalogue[failure.code].status, headers)
  response.end(body)
}

function createAnswer(failure: Failure, requestId: string): { headers: Record<string, string>; body: string } {
  const body = JSON.stringify(createProblem(failure, requestId))
  const headers = {
    ...createProblemHeaders(failure),
    'x-request-id': requestId,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close'
  }
  return { headers, body }
}
