import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { CallOptions } from '@latchkey/contracts/define'
import type { RouteShorthandOptions } from 'fastify'
import Type from 'typebox'
import { exportUsers } from '../export-users.ts'
import { importUsers } from '../import-users.ts'
import { createReception, NDJSON } from '../ndjson-reception.ts'

const NDJSON_TYPE = `${NDJSON}; charset=utf-8`
/** Of one batch: a request that goes on for long has no end of its own. */
const BATCH_TIMEOUT_MS = 10_000

const exampleUser = '{"email":"ada@example.com","firstName":"Ada","passwordHash":"$2b$12$…"}\n'
/** What arrives is taken line by line. */
const Users = Type.Unknown({
  description: 'Users: id, email, emailVerified, username, mobile, firstName, lastName, role, createdAt, passwordHash',
  examples: [exampleUser]
})
const ExportedUsers = Type.Unsafe<Readable>({ type: 'string', examples: [exampleUser] })
const Reports = Type.Unsafe<Readable>({
  type: 'string',
  description: '`error` with `line`, `field`, `code` and `message`; `progress` after each batch; `done` or `aborted`',
  examples: [
    '{"type":"error","line":2,"field":"email","code":"identifier_taken","message":"is taken"}\n' +
      '{"type":"done","read":2,"imported":1,"failed":1}\n'
  ]
})

const adminImport = {
  config: { access: 'admin' },
  schema: {
    operationId: 'importUsers',
    summary: 'Add users from a file',
    description:
      'One JSON object a line. A request takes what arrives within 10 seconds, up to 32 MiB, and one at a time: 503 for ' +
      'another one meanwhile; larger files go in several requests. The answer reports as it goes. A bad line keeps no ' +
      'other one out; sent again, lines that were taken are refused as taken. After `aborted` nothing from `line` on ' +
      'is certain.',
    tags: ['admin'],
    body: { content: { [NDJSON]: { schema: Users } } },
    response: { 200: { description: 'Reports', content: { [NDJSON]: { schema: Reports } } } }
  }
} satisfies RouteShorthandOptions

const adminExport = {
  config: { access: 'admin' },
  schema: {
    operationId: 'exportUsers',
    summary: 'All users, to be imported again',
    description:
      'One JSON object a line, in the order of the serial numbers, with the hashes of the passwords: keep it as you keep ' +
      'the database. An answer that breaks off is not whole.',
    tags: ['admin'],
    response: { 200: { description: 'Users', content: { [NDJSON]: { schema: ExportedUsers } } } }
  }
} satisfies RouteShorthandOptions

/** Moving users from one place to another. */
export const adminImportExportRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { accounts } = app.services
  const reception = createReception()
  const createCall = ({ requestId, traceparent }: CallOptions) => ({
    requestId,
    traceparent,
    timeoutMs: BATCH_TIMEOUT_MS
  })

  app.get('/admin/users/export', adminExport, async ({ caller: { user }, call }, reply) => {
    const list = (after: number, limit: number) => accounts.list({ adminId: user.id, after, limit }, createCall(call))
    const lines = await exportUsers(list)
    reply.header('content-disposition', 'attachment; filename="users.ndjson"').type(NDJSON_TYPE)
    return reply.send(Readable.from(lines))
  })

  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(NDJSON, reception.receive)
    const options = { ...adminImport, preParsing: reception.admit }
    scope.post('/admin/users/import', options, async ({ caller: { user }, body, call }, reply) => {
      const reports = importUsers(reception.read(body), (users) =>
        accounts.import({ adminId: user.id, users: [...users] }, createCall(call))
      )
      return reply.type(NDJSON_TYPE).send(Readable.from(reports))
    })
  })
}
