import type { Readable } from 'node:stream'
import { activityMessages } from '@latchkey/contracts/activity'
import { fail } from '@latchkey/contracts/errors'
import { hear } from '@latchkey/messaging/broadcast'
import type { Subscription, Transport } from '@latchkey/messaging/transport'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { RequestCall } from '../call.ts'
import { CallError, unwrap } from '../errors.ts'
import { LiveStream } from '../live/live-stream.ts'
import { LiveStreams } from '../live/live-streams.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Opens the stream of events of the request's caller, from where its `Last-Event-ID` says. Throws before anything
     * is sent when it cannot be told from there on.
     */
    openLiveStream(request: FastifyRequest): Promise<Readable>
  }
}

const PAGE = 100
const POSITION = /^\d{1,15}-\d{1,10}$/

/** Streams of events: opened here, rung when something happened to their user, ended with their session. */
export const liveEvents = fp(
  async (app: FastifyInstance, { transport }: { transport: Transport }) => {
    const streams = new LiveStreams()
    const { log, verdicts } = app

    app.decorate('openLiveStream', async (request) => {
      if (streams.isFull) throw new CallError(fail('unavailable'))
      const { caller, accessToken } = request
      const userId = caller.user.id
      const listRecorded = (after: string | null) =>
        app.services.activity.listRecorded({ userId, after, limit: PAGE }, new RequestCall(request, undefined))
      const { after, isKnown } = readLastEventId(request)
      const first = unwrap(await listRecorded(after))
      const stream = new LiveStream({
        caller,
        tokenEndsAtMs: readExpiry(accessToken),
        nowMs: app.tokenTimeMs,
        first,
        complete: isKnown && !first.hasGap,
        judge: () => {
          // What goes on for minutes has a time limit for each question, not one for all.
          request.startedCall = undefined
          return verdicts.judge(accessToken, false, request)
        },
        listRecorded
      })
      streams.add(stream)
      // Whatever came since the first look, and the rest of a long absence.
      stream.ring()
      return stream.body
    })

    let subscription: Subscription | undefined
    app.addHook('onReady', async () => {
      subscription = hear(activityMessages.recorded, ({ userId }) => streams.ring(userId), { transport, log })
    })
    app.onVerdictChange((items) => streams.ringAnnounced(items))
    transport.onState((state) => {
      if (state === 'connected') streams.ringAll()
    })
    // An open response would keep the server from closing.
    app.addHook('preClose', async () => {
      streams.close()
      await subscription?.drain()
    })
  },
  { name: 'live-events', dependencies: ['services', 'clock', 'verdicts'] }
)

/** A client that was never here has no such field; one that has anything else in it was told by somebody else. */
function readLastEventId({ headers }: FastifyRequest): { after: string | null; isKnown: boolean } {
  const given = headers['last-event-id']
  if (given === undefined || given === '') return { after: null, isKnown: true }
  return typeof given === 'string' && POSITION.test(given)
    ? { after: given, isKnown: true }
    : { after: null, isKnown: false }
}

/** Of a token that has been verified. */
function readExpiry(token: string): number {
  const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  return Number(exp) * 1000
}
