import { test } from 'tap'
import Type from 'typebox'
import { type Client, defineContract, type Handlers } from '../src/define.ts'
import { fail, ok } from '../src/errors.ts'

const doorContract = defineContract({
  unlock: {
    subject: 'door.unlock',
    request: Type.Object({ key: Type.String() }),
    reply: Type.Object({ opened: Type.Boolean() }),
    errors: ['forbidden']
  },
  lock: { subject: 'door.lock', request: Type.Object({}), reply: Type.Object({}), errors: [] }
})
type Door = Handlers<typeof doorContract>

const unlock: Door['unlock'] = async ({ key }) => (key === 'right' ? ok({ opened: true }) : fail('forbidden'))
const lock: Door['lock'] = async () => ok({})

/** Checked by the compiler: each marked line has to be an error, or type checking fails. */
function expectTypeErrors(client: Client<typeof doorContract>): readonly unknown[] {
  const complete: Door = { unlock, lock }
  // @ts-expect-error a missing handler
  const incomplete: Door = { unlock }
  // @ts-expect-error an extra handler
  const extra: Door = { unlock, lock, slam: lock }
  // @ts-expect-error a reply of another shape
  const misshapen: Door['unlock'] = async () => ok({ opened: 'yes' })
  // @ts-expect-error an error that the procedure does not list
  const unlisted: Door['unlock'] = async () => fail('session_not_found')
  // @ts-expect-error a code that wants details
  const detailless = fail('session_ended')
  const call = { requestId: 'r', timeoutMs: 1 }
  // @ts-expect-error a request of another shape
  const request = () => client.unlock({ key: 7 }, call)
  return [complete, incomplete, extra, misshapen, unlisted, detailless, request]
}

test('handlers and clients that do not fit their contract do not compile', async (t) => {
  t.type(expectTypeErrors, 'function')
  t.same(await unlock({ key: 'right' }, { requestId: 'r', traceparent: undefined, remainingMs: () => 1 }), {
    ok: true,
    value: { opened: true }
  })
})

test('narrowing by code gives the details of that code', async (t) => {
  const result = (await Promise.resolve(fail('identifier_taken', { field: 'email' }))) as
    | ReturnType<typeof fail<'identifier_taken'>>
    | ReturnType<typeof fail<'forbidden'>>
  t.equal(result.code === 'identifier_taken' ? result.details.field : undefined, 'email')
})
