import { finished, type Readable } from 'node:stream'
import { fail } from '@latchkey/contracts/errors'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { CallError } from './errors.ts'

export const NDJSON = 'application/x-ndjson'

/** What arrives waits in memory, so that a slow import does not slow its upload past the time a request may take. */
const MAX_BYTES = 32 * 1024 * 1024

export interface Reception {
  /** A hook before the body is read: 503 while another one is here, which bounds the memory. */
  admit(request: FastifyRequest, reply: FastifyReply): Promise<void>
  /** A parser of bodies. */
  receive(request: FastifyRequest, payload: Readable): Promise<Received>
  /** The bytes of a body; none where there was no body. */
  read(body: unknown): readonly Buffer[]
}

class Received {
  readonly chunks: readonly Buffer[]
  constructor(chunks: readonly Buffer[]) {
    this.chunks = chunks
  }
}

/** Takes in one long body at a time, whole. */
export function createReception(): Reception {
  let isTaken = false
  return {
    admit: async (_request, reply) => {
      if (isTaken) throw new CallError(fail('unavailable'))
      isTaken = true
      finished(reply.raw, () => {
        isTaken = false
      })
    },

    receive: async ({ headers }, payload) => {
      if (Number(headers['content-length'] ?? 0) > MAX_BYTES) throw new CallError(fail('payload_too_large'))
      const chunks: Buffer[] = []
      let size = 0
      for await (const chunk of payload) {
        size += chunk.length
        if (size > MAX_BYTES) throw new CallError(fail('payload_too_large'))
        chunks.push(chunk)
      }
      return new Received(chunks)
    },

    read: (body) => (body instanceof Received ? body.chunks : [])
  }
}
