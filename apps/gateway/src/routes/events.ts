import type { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { RouteShorthandOptions } from 'fastify'
import Type from 'typebox'

const DESCRIPTION = `Server-sent events: \`session.opened\` (another sign-in), \`session.ended\`, \`device.added\`, \
\`sign_in.failed\`, \`user.blocked\`, \`user.unblocked\`, \`password.changed\`, \`profile.changed\` and whatever else the timeline \
lists. The data is the entry of the timeline, and in \`current\` whether it is about the session that listens.

The stream begins with \`stream.ready\`. With \`Last-Event-ID\`, which browsers send when they come back, it first tells what \
has happened since; \`complete: false\` then means that this is not all. It ends with its session, its access token or \
a block of its user: the last event, \`stream.ended\`, has the \`code\` that a request would get now. An open stream is \
no activity.`

const example = `retry: 2000

id: 1795253400000-0
event: stream.ready
data: {"complete":true}

`

const streamMyEvents = {
  config: { access: 'user' },
  exposeHeadRoute: false,
  schema: {
    operationId: 'streamMyEvents',
    summary: 'What happens to the user, as it happens',
    description: DESCRIPTION,
    tags: ['me'],
    headers: Type.Object({
      'last-event-id': Type.Optional(Type.String({ description: 'The `id` of the last event that arrived' }))
    }),
    response: {
      200: {
        description: 'Events until the session ends',
        content: { 'text/event-stream': { schema: Type.Unsafe<Readable>({ type: 'string', examples: [example] }) } }
      }
    }
  }
} satisfies RouteShorthandOptions

export const eventRoutes: FastifyPluginAsyncTypebox = async (app) => {
  // Browsers come back to a stream by themselves: to be there is no activity, and no header could say so.
  app.addHook('onRequest', (request, _reply, done) => {
    request.headers['latchkey-background'] = '1'
    done()
  })

  app.get('/me/events', streamMyEvents, async (request, reply) => {
    const body = await app.openLiveStream(request)
    // Proxies that collect what they pass on would hold an event back until there is enough of it.
    reply.header('x-accel-buffering', 'no')
    return reply.type('text/event-stream; charset=utf-8').send(body)
  })
}
