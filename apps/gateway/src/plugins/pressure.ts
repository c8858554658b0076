import underPressure from '@fastify/under-pressure'
import { fail } from '@latchkey/contracts/errors'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { sendProblem } from './problem-details.ts'

export interface PressureOptions {
  /** Turns of the event loop may take so long on average, in milliseconds, before requests are refused. */
  readonly maxLoopDelayMs: number
  /** So long after its start a process refuses nothing; 5 s if not said. */
  readonly startMs?: number
}

/** What loading and compiling the program does to its event loop says nothing of the requests that come then. */
const START_MS = 5000

/**
 * The second net, after the queues that are bounded: a process that does not get round to its work says no at once
 * rather than yes too late. Machines that ask for its health are always answered, and so is whatever the express lane
 * answers, which costs less than a refusal.
 */
export const pressure = fp(
  async (app: FastifyInstance, { maxLoopDelayMs, startMs = START_MS }: PressureOptions) => {
    const countsFrom = performance.now() + startMs
    await app.register(underPressure, {
      maxEventLoopDelay: maxLoopDelayMs,
      pressureHandler: (request, reply) => {
        if (request.routeOptions.config.access === undefined || performance.now() < countsFrom) return
        sendProblem(fail('unavailable'), request, reply)
      }
    })
  },
  { name: 'pressure', dependencies: ['problem-details'] }
)
