import { readFile } from 'node:fs/promises'
import type { SignedIn } from '@latchkey/contracts/auth'
import { type ErrorCode, errorCatalogue, type Failure, fail } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import type { InjectOptions } from 'fastify'
import t from 'tap'
import { startGateway } from '../gateway.ts'
import { createSession } from '../stand-ins.ts'

type Service = 'auth' | 'session' | 'activity'

interface OpenApi {
  readonly paths: Record<
    string,
    Record<string, { operationId: string; tags: string[]; responses: Record<string, unknown> }>
  >
}

/** How each operation is called so that it goes well, and which service it asks beside the check of the session. */
const operations: Record<string, InjectOptions & { readonly asks?: Service; readonly isStream?: true }> = {
  getKeys: { method: 'GET', url: '/.well-known/jwks.json' },
  signUp: { method: 'POST', url: '/v1/users', payload: { email: 'ada@example.com', password: 'p' }, asks: 'auth' },
  signIn: { method: 'POST', url: '/v1/sessions', payload: { identifier: 'ada', password: 'p' }, asks: 'auth' },
  refreshSession: { method: 'POST', url: '/v1/sessions/refresh', payload: { refreshToken: 'r' }, asks: 'session' },
  getCurrentSession: { method: 'GET', url: '/v1/sessions/current' },
  listSessions: { method: 'GET', url: '/v1/sessions' },
  signOut: { method: 'DELETE', url: '/v1/sessions/current' },
  endSession: { method: 'DELETE', url: '/v1/sessions/SESSION' },
  endSessions: { method: 'DELETE', url: '/v1/sessions' },
  getMe: { method: 'GET', url: '/v1/me' },
  updateMe: { method: 'PATCH', url: '/v1/me', payload: { firstName: 'Grace' }, asks: 'auth' },
  changePassword: {
    method: 'PUT',
    url: '/v1/me/password',
    payload: { currentPassword: 'a', newPassword: 'b' },
    asks: 'auth'
  },
  getTotp: { method: 'GET', url: '/v1/me/totp', asks: 'auth' },
  enrollTotp: { method: 'POST', url: '/v1/me/totp', asks: 'auth' },
  confirmTotp: { method: 'POST', url: '/v1/me/totp/confirm', payload: { code: '492039' }, asks: 'auth' },
  removeTotp: { method: 'DELETE', url: '/v1/me/totp', payload: { password: 'p' }, asks: 'auth' },
  getMyActivity: { method: 'GET', url: '/v1/me/activity', asks: 'activity' },
  requestEmailVerification: { method: 'POST', url: '/v1/email-verifications', asks: 'auth' },
  verifyEmail: { method: 'PUT', url: '/v1/email-verifications/t', asks: 'auth' },
  showEmailVerification: { method: 'GET', url: '/v1/email-verifications/t' },
  submitEmailVerification: { method: 'POST', url: '/v1/email-verifications/t', asks: 'auth' },
  requestPasswordReset: {
    method: 'POST',
    url: '/v1/password-resets',
    payload: { email: 'ada@example.com' },
    asks: 'auth'
  },
  resetPassword: { method: 'PUT', url: '/v1/password-resets/t', payload: { newPassword: 'p' }, asks: 'auth' },
  showPasswordReset: { method: 'GET', url: '/v1/password-resets/t' },
  submitPasswordReset: { method: 'POST', url: '/v1/password-resets/t', payload: { newPassword: 'p' }, asks: 'auth' },
  showSessionReport: { method: 'GET', url: '/v1/session-reports/t' },
  reportSession: { method: 'POST', url: '/v1/session-reports/t', asks: 'auth' },
  endMatchingSessions: { method: 'POST', url: '/v1/admin/sessions/end', payload: { everyone: true }, asks: 'session' },
  getStats: { method: 'GET', url: '/v1/admin/stats', asks: 'session' },
  listUsers: { method: 'GET', url: '/v1/admin/users?query=ada&state=active&role=user&limit=1', asks: 'auth' },
  getUser: { method: 'GET', url: '/v1/admin/users/USER', asks: 'auth' },
  updateUser: { method: 'PATCH', url: '/v1/admin/users/USER', payload: { role: 'admin' }, asks: 'auth' },
  blockUser: { method: 'PUT', url: '/v1/admin/users/USER/block', payload: { reason: 'spam' }, asks: 'auth' },
  unblockUser: { method: 'DELETE', url: '/v1/admin/users/USER/block', asks: 'auth' },
  listUserSessions: { method: 'GET', url: '/v1/admin/users/USER/sessions?state=all', asks: 'auth' },
  endUserSession: { method: 'DELETE', url: '/v1/admin/users/USER/sessions/SESSION', asks: 'session' },
  endUserSessions: { method: 'DELETE', url: '/v1/admin/users/USER/sessions', asks: 'session' },
  streamMyEvents: { method: 'GET', url: '/v1/me/events', asks: 'activity', isStream: true },
  listEvents: { method: 'GET', url: '/v1/admin/events?kind=signed_in&limit=1', asks: 'activity' },
  getUserActivity: { method: 'GET', url: '/v1/admin/users/USER/activity', asks: 'activity' },
  deleteMe: { method: 'DELETE', url: '/v1/me', payload: { password: 'p' }, asks: 'auth' },
  exportMe: { method: 'GET', url: '/v1/me/export', asks: 'auth' },
  sendPasswordReset: { method: 'POST', url: '/v1/admin/users/USER/password-reset', asks: 'auth' },
  removeUserTotp: { method: 'DELETE', url: '/v1/admin/users/USER/totp', asks: 'auth' },
  deleteUser: { method: 'DELETE', url: '/v1/admin/users/USER', asks: 'auth' },
  exportUsers: { method: 'GET', url: '/v1/admin/users/export', asks: 'auth' },
  importUsers: {
    method: 'POST',
    url: '/v1/admin/users/import',
    headers: { 'content-type': 'application/x-ndjson' },
    payload: '{"email":"ada@example.com"}',
    asks: 'auth'
  }
}

/** What the gateway answers of itself. */
const selfContained = ['getKeys', 'showEmailVerification', 'showPasswordReset', 'showSessionReport']
/** Those that ask a service without asking about a session first. */
const askingInPublic = [
  ...['signUp', 'signIn', 'refreshSession', 'verifyEmail', 'submitEmailVerification'],
  ...['requestPasswordReset', 'resetPassword', 'submitPasswordReset', 'reportSession']
]

const failures: Partial<Record<ErrorCode, Failure>> = {
  session_ended: fail('session_ended', { reason: 'revoked_by_user', endedAt: '2026-11-21T09:30:00.000Z' }),
  user_blocked: fail('user_blocked', { reason: 'inactivity', blockedUntil: null, retryAfterSeconds: 60 }),
  identifier_taken: fail('identifier_taken', { field: 'email' }),
  session_limit: fail('session_limit', { sessions: [createSession('019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b21')] }),
  too_many_attempts: fail('too_many_attempts', { retryAfterSeconds: 30 }),
  invalid_request: fail('invalid_request', { errors: [] })
}

/** The address with the ids that the stand-ins know. */
function addressOf({ url }: InjectOptions, { user, session }: SignedIn): string {
  return String(url).replace('SESSION', session.id).replace('USER', user.id)
}

const nats = await startNats(t)
const document: OpenApi = JSON.parse(await readFile(new URL('../../openapi.json', import.meta.url), 'utf8'))
/** Older interfaces word their own refusals; each has its own tests. */
const documented = Object.values(document.paths)
  .flatMap((path) => Object.values(path))
  .filter(({ tags }) => !tags.some((tag) => tag.endsWith('(older interface)')))

t.test('every operation of the description is called here', async (t) => {
  t.same(documented.map(({ operationId }) => operationId).toSorted(), Object.keys(operations).toSorted())
})

t.test('every documented status is answered, and every error is a problem document', async (t) => {
  const { app, signedIn, bearer } = await startGateway(t, { natsUrl: nats.url, role: 'admin' })
  t.equal((await app.inject('/readyz')).statusCode, 200)
  for (const { operationId, responses } of documented) {
    const { asks: _, isStream = false, ...call } = operations[operationId] ?? {}
    const url = addressOf(call, signedIn)
    const headers = { ...call.headers, ...bearer }
    const good = await app.inject({ ...call, url, headers, payloadAsStream: isStream })
    if (isStream) good.stream().destroy()
    t.ok(String(good.statusCode) in responses, `${operationId} ${good.statusCode}`)
    t.ok(good.statusCode < 300, operationId)
  }
})

t.test('failures of the services have the status of the catalogue', async (t) => {
  let failing: Failure | undefined
  const asked = async () => failing ?? fail('internal')
  const { app, signedIn, bearer } = await startGateway(t, {
    natsUrl: nats.url,
    role: 'admin',
    // A stand-in answers whatever a test wants, listed for its procedure or not: the cast says so.
    accounts: { deleteOwn: asked, getData: asked, delete: asked, list: asked } as never,
    auth: { register: asked, signIn: asked, updateProfile: asked, changePassword: asked } as never,
    factors: { enroll: asked, confirm: asked, remove: asked, removeFor: asked } as never,
    recovery: {
      verifyEmail: asked,
      requestReset: asked,
      requestResetFor: asked,
      resetPassword: asked,
      reportSession: asked
    } as never,
    admin: { listUsers: asked, setRole: asked, block: asked, unblock: asked } as never,
    session: { end: asked, refresh: asked } as never
  })
  const cases: [string, readonly ErrorCode[]][] = [
    [
      'signUp',
      ['identifier_taken', 'session_limit', 'too_many_attempts', 'invalid_request', 'internal', 'unavailable']
    ],
    ['signIn', ['invalid_credentials', 'user_blocked', 'session_limit', 'too_many_attempts']],
    ['signIn', ['second_factor_required', 'second_factor_invalid']],
    ['enrollTotp', ['factor_enabled', 'reauthentication_required', 'user_not_found']],
    ['confirmTotp', ['wrong_code', 'factor_enabled', 'too_many_attempts', 'session_ended', 'invalid_request']],
    ['removeTotp', ['wrong_password', 'too_many_attempts', 'user_not_found', 'invalid_request']],
    ['refreshSession', ['refresh_invalid', 'session_ended', 'user_blocked']],
    ['endSession', ['session_not_found']],
    ['updateMe', ['identifier_taken', 'reauthentication_required', 'invalid_request']],
    ['changePassword', ['wrong_password', 'too_many_attempts', 'invalid_request']],
    ['verifyEmail', ['link_invalid', 'identifier_taken']],
    ['submitEmailVerification', ['link_invalid', 'identifier_taken']],
    ['requestPasswordReset', ['invalid_request', 'too_many_attempts']],
    ['resetPassword', ['link_invalid', 'invalid_request']],
    ['submitPasswordReset', ['link_invalid', 'invalid_request']],
    ['reportSession', ['link_invalid']],
    ['listUsers', ['invalid_request', 'unavailable']],
    ['updateUser', ['user_not_found', 'last_admin', 'unavailable']],
    ['blockUser', ['invalid_request', 'user_not_found', 'last_admin', 'unavailable']],
    ['unblockUser', ['user_not_found', 'unavailable']],
    ['endUserSession', ['session_not_found', 'unavailable']],
    ['deleteMe', ['wrong_password', 'user_not_found', 'last_admin', 'too_many_attempts', 'unavailable']],
    ['exportMe', ['user_not_found', 'reauthentication_required', 'unavailable']],
    ['sendPasswordReset', ['invalid_request', 'user_not_found', 'unavailable']],
    ['removeUserTotp', ['user_not_found', 'unavailable']],
    ['deleteUser', ['user_not_found', 'last_admin', 'unavailable']],
    ['exportUsers', ['unavailable', 'deadline_exceeded']]
  ]
  for (const [operationId, codes] of cases) {
    for (const code of codes) {
      failing = failures[code] ?? ({ ok: false, code, details: undefined } as Failure)
      const { asks: _, ...call } = operations[operationId] ?? {}
      const url = addressOf(call, signedIn)
      const res = await app.inject({ ...call, url, headers: { ...call.headers, ...bearer } })
      t.equal(res.statusCode, errorCatalogue[code].status, `${operationId} ${code}`)
      t.match(res.json(), { code, status: res.statusCode, title: errorCatalogue[code].title, type: String })
      t.match(res.headers['content-type'], /^application\/problem\+json/)
      const responses = documented.find((each) => each.operationId === operationId)?.responses ?? {}
      t.ok(String(res.statusCode) in responses, `${operationId} documents ${res.statusCode}`)
    }
  }
})

t.test('what a refused sign-in says goes with it', async (t) => {
  let failing: Failure = fail('internal')
  const { app } = await startGateway(t, { natsUrl: nats.url, auth: { signIn: (async () => failing) as never } })
  const signIn = () =>
    app.inject({ method: 'POST', url: '/v1/sessions', payload: { identifier: 'ada', password: 'p' } })

  failing = failures.session_limit ?? failing
  const limited = (await signIn()).json()
  t.equal(limited.sessions.length, 1)
  t.notOk('userId' in limited.sessions[0], 'sessions are presented, not passed on')

  failing = failures.user_blocked ?? failing
  const blocked = await signIn()
  t.match(blocked.json(), { reason: 'inactivity', blockedUntil: null })
  t.equal(blocked.headers['retry-after'], '60')

  failing = failures.too_many_attempts ?? failing
  t.equal((await signIn()).headers['retry-after'], '30')
})

t.test('a service that answers nothing in time is 503, whether or not it leaves open who asks', async (t) => {
  const released = Promise.withResolvers<void>()
  const silent = async () => {
    await released.promise
    return fail('unavailable')
  }
  const { app, bearer } = await startGateway(t, {
    natsUrl: nats.url,
    auth: { register: silent, signIn: silent },
    recovery: {
      verifyEmail: silent,
      requestReset: silent,
      requestResetFor: silent,
      resetPassword: silent,
      reportSession: silent
    },
    session: { check: silent, refresh: silent }
  })
  t.teardown(() => released.resolve())
  await Promise.all(
    Object.entries(operations).map(async ([operationId, { asks: _, ...call }]) => {
      if (selfContained.includes(operationId)) return
      const res = await app.inject({ ...call, url: String(call.url), headers: { ...call.headers, ...bearer } })
      const isPublic = askingInPublic.includes(operationId)
      t.equal(res.statusCode, 503, operationId)
      t.match(res.json(), { code: isPublic ? 'deadline_exceeded' : 'unavailable' })
      t.equal(res.headers['retry-after'], '1')
    })
  )
})

t.test('a service that is not there is 503, for each route', async (t) => {
  const { app, bearer } = await startGateway(t, {
    natsUrl: nats.url,
    session: { check: async () => fail('unavailable'), refresh: async () => fail('unavailable') },
    absent: ['auth']
  })
  for (const [operationId, { asks: _, ...call }] of Object.entries(operations)) {
    if (selfContained.includes(operationId)) continue
    const res = await app.inject({ ...call, url: String(call.url), headers: { ...call.headers, ...bearer } })
    t.equal(res.statusCode, 503, operationId)
    t.equal(res.headers['retry-after'], '1')
  }
})

t.test('before the keys are known nothing is verified: 503, never 401', async (t) => {
  const { app, bearer } = await startGateway(t, { natsUrl: nats.url, absent: ['session'] })
  t.equal((await app.inject({ url: '/v1/me', headers: bearer })).statusCode, 503)
  t.equal((await app.inject('/.well-known/jwks.json')).statusCode, 503)
  t.equal((await app.inject('/readyz')).statusCode, 503)
  t.equal((await app.inject('/healthz')).statusCode, 200)
})
