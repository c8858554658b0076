import type { authContract } from '@latchkey/contracts/auth'
import type { CallContext, ReplyOf, RequestOf } from '@latchkey/contracts/define'
import { type FieldError, fail, ok, type Result } from '@latchkey/contracts/errors'
import type { ClientInfo } from '@latchkey/contracts/ids'
import { type OwnedIdentifier, readIdentifier } from './identifiers.ts'
import { findNameFault } from './names.ts'
import { openSession } from './open-session.ts'
import { findPasswordFault, normalizePassword } from './password-policy.ts'
import type { Deps, User } from './ports.ts'
import { type OpenAttempt, takeAttempt } from './take-attempt.ts'

type Request = RequestOf<typeof authContract.register>
type Reply = ReplyOf<typeof authContract.register>
type Errors =
  | 'invalid_request'
  | 'identifier_taken'
  | 'session_limit'
  | 'invalid_credentials'
  | 'too_many_attempts'
  | 'unavailable'

/**
 * Makes a user and, unless it is not wanted, opens their first session. When the latter cannot be done the user exists
 * and can sign in. An identifier that is taken is one found out: its source pays for it as for a wrong password.
 */
export async function register(deps: Deps, request: Request, context: CallContext): Promise<Result<Reply, Errors>> {
  const identifiers = readRegistration(deps, request)
  if (!identifiers.ok) return identifiers
  const attempt = await takeRegistration(deps, request, context)
  if (!attempt.ok) return attempt
  const inserted = await insertUser(deps, { request, identifiers: identifiers.value }, context).catch(async (err) => {
    await attempt.value?.settle('void')
    throw err
  })
  await settleRegistration(attempt.value, inserted)
  if (!inserted.ok) return inserted
  return await openFirstSession(deps, { user: inserted.value, request }, context)
}

/** A trusted server, which signs up everybody, is no source of guesses. */
async function takeRegistration(
  deps: Deps,
  { password, client: { ipAddress }, opening }: Request,
  context: CallContext
): Promise<Result<OpenAttempt | undefined, 'too_many_attempts' | 'unavailable'>> {
  if (password === null) return ok(undefined)
  return await takeAttempt(deps, { account: null, origin: { ipAddress, deviceId: opening?.deviceId ?? null } }, context)
}

/** The account knows from its beginning where it was made. */
async function settleRegistration(attempt: OpenAttempt | undefined, inserted: Awaited<ReturnType<typeof insertUser>>) {
  if (inserted.ok) await attempt?.settle('right', inserted.value.profile.id)
  else await attempt?.settle(inserted.code === 'identifier_taken' ? 'wrong' : 'void')
}

interface Registration {
  readonly request: Request
  readonly identifiers: OwnedIdentifier[]
}

async function insertUser(
  deps: Deps,
  { request, identifiers }: Registration,
  context: CallContext
): Promise<Result<User, 'identifier_taken' | 'unavailable'>> {
  const verifier = await createVerifier(deps, request.password, context)
  if (!verifier.ok) return verifier
  const { firstName, lastName } = request
  const id = deps.newId()
  const user = { id, firstName, lastName, identifiers, verifier: verifier.value }
  return await deps.users.insert(user, {
    id: `${id}:registered`,
    version: 1,
    name: 'userRegistered',
    userId: id,
    occurredAt: deps.now().toISOString(),
    payload: { identifiers: user.identifiers.map(({ kind }) => kind), client: makeStorable(request.client) }
  })
}

async function createVerifier(
  { passwords }: Deps,
  password: string | null,
  context: CallContext
): Promise<Result<string | undefined, 'unavailable'>> {
  return password === null ? ok(undefined) : await passwords.hash(normalizePassword(password), context)
}

async function openFirstSession(
  deps: Deps,
  { user, request: { opening, password } }: { user: User; request: Request },
  context: CallContext
): Promise<Result<Reply, Errors>> {
  if (opening === null) return ok({ user: user.profile, opened: null })
  const method = password === null ? 'trusted' : 'password'
  const opened = await openSession(deps, { user, method, opening }, context)
  return opened.ok ? ok({ user: user.profile, opened: opened.value }) : opened
}

/** Every fault at once, in the order of the request's fields. */
function readRegistration({ policy }: Deps, request: Request): Result<OwnedIdentifier[], 'invalid_request'> {
  const errors: FieldError[] = []
  const identifiers: OwnedIdentifier[] = []
  for (const identifier of request.identifiers) {
    const reading = readIdentifier(identifier, request.rules)
    if (!reading.ok) errors.push(...reading.details.errors)
    else if (identifiers.some(({ kind }) => kind === identifier.kind)) {
      errors.push({ field: identifier.kind, code: 'duplicate', message: 'must be given once' })
    } else identifiers.push(reading.value)
  }
  const { password, rules } = request
  const entered = request.identifiers.map(({ value }) => value)
  const others = [
    password === null
      ? undefined
      : findPasswordFault({ field: 'password', password, rules, identifiers: entered }, policy),
    findNameFault('firstName', request.firstName),
    findNameFault('lastName', request.lastName)
  ]
  errors.push(...others.filter((fault) => fault !== undefined))
  return errors.length > 0 ? fail('invalid_request', { errors }) : ok(identifiers)
}

/** A user agent is whatever a client sends; the event's column takes neither NUL nor half a character. */
function makeStorable({ ipAddress, userAgent }: ClientInfo): ClientInfo {
  const clean = (text: string) => text.toWellFormed().replaceAll('\0', '\ufffd')
  return { ipAddress: clean(ipAddress), userAgent: clean(userAgent) }
}
