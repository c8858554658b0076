import Type, { type Static } from 'typebox'
import { defineContract } from './define.ts'
import {
  Actor,
  ClientInfo,
  Cursor,
  DeviceId,
  EndReason,
  Limit,
  Nullable,
  Page,
  Profile,
  Timestamp,
  UserId
} from './ids.ts'
import { KeySet } from './key-set.ts'
import { Method, Session } from './session-schema.ts'
import { Tokens } from './tokens.ts'

const DurationMs = Type.Integer({ minimum: 0 })

/** What the new sign-in is told about the user's other sessions, as they are after it. */
export const Notices = Type.Object({
  /** Sessions of other devices that were live when this one was opened. */
  concurrent: Type.Array(Session),
  /** Sessions that this sign-in ended: the same device's earlier one, and those over the limit. */
  replaced: Type.Array(Session),
  /** The user has signed in before, but never from this device. */
  newDevice: Type.Boolean()
})
export type Notices = Static<typeof Notices>

/** How a session is to be opened, as the door that opens it decides. */
export const Opening = Type.Object({
  client: ClientInfo,
  deviceId: Nullable(DeviceId),
  /** `pair`: short access token and refresh token. `session`: one access token that lives as long as the session. */
  tokens: Type.Union([Type.Literal('pair'), Type.Literal('session')]),
  /** `single` narrows the configured policy to one session for this sign-in; `null` leaves it as configured. */
  policy: Nullable(Type.Literal('single'))
})
export type Opening = Static<typeof Opening>

/** A caller may send any text where an id is expected: what is not one is simply not found. */
export const SessionReference = Type.String({ maxLength: 128 })

/** A session in a list, with the payload part of the access token it was opened with where that was asked for. */
export const ListedSession = Type.Object({
  ...Session.properties,
  tokenPayload: Type.Optional(Type.String({ maxLength: 2048 }))
})
export type ListedSession = Static<typeof ListedSession>

export const OpenedSession = Type.Object({ session: Session, tokens: Tokens, notices: Notices })
export type OpenedSession = Static<typeof OpenedSession>

export const sessionContract = defineContract({
  open: {
    subject: 'session.open',
    request: Type.Object({
      user: Profile,
      /** Version of that profile, as in `putProfile`: a sign-in must not undo a change that it raced. */
      profileVersion: Type.Optional(Type.Integer({ minimum: 1 })),
      /** The user's credential epoch as read before the password was verified; an older one is refused. */
      epoch: Type.Integer({ minimum: 0 }),
      method: Method,
      opening: Opening,
      /** A live session of the user that the new one goes on in the place of: it ends in the same step. */
      replaces: Type.Optional(SessionReference)
    }),
    reply: OpenedSession,
    /**
     * `invalid_credentials`: the password was changed while it was being verified. `session_ended`, `token_invalid`:
     * the session to replace is not live, or not known.
     */
    errors: ['session_limit', 'invalid_credentials', 'session_ended', 'token_invalid']
  },
  refresh: {
    subject: 'session.refresh',
    request: Type.Object({ refreshToken: Type.String({ maxLength: 256 }) }),
    reply: Type.Object({ user: Profile, session: Session, tokens: Tokens }),
    errors: ['refresh_invalid', 'session_ended', 'user_blocked']
  },
  check: {
    subject: 'session.check',
    request: Type.Object({
      sessionId: SessionReference,
      userId: Type.String({ maxLength: 64 }),
      /** Whether this request counts as the user's activity and moves the idle deadline. */
      activity: Type.Boolean()
    }),
    reply: Type.Object({
      user: Profile,
      session: Session,
      /** How long the session goes on at most: until its absolute end, and without activity. By the store's clock. */
      endsInMs: DurationMs,
      idleEndsInMs: DurationMs,
      /** How far from now activity moves the idle end. */
      idleTtlMs: DurationMs
    }),
    /**
     * `token_invalid`: the store knows nothing of such a session, so the answer is no. `user_blocked`: an admin keeps
     * the user out; other blocks are the activity service's to tell.
     */
    errors: ['session_ended', 'token_invalid', 'user_blocked']
  },
  list: {
    subject: 'session.list',
    request: Type.Object({
      userId: UserId,
      state: Type.Union([Type.Literal('active'), Type.Literal('ended'), Type.Literal('all')]),
      limit: Limit,
      cursor: Nullable(Cursor),
      /** Whether each session is to come with its `tokenPayload`. */
      tokenPayload: Type.Optional(Type.Boolean())
    }),
    reply: Page(ListedSession),
    errors: ['invalid_request']
  },
  find: {
    subject: 'session.find',
    /** By its id alone, live or ended: for callers that may see the sessions of any user. */
    request: Type.Object({ sessionId: SessionReference }),
    reply: Session,
    errors: ['session_not_found']
  },
  end: {
    subject: 'session.end',
    request: Type.Object({
      userId: UserId,
      sessionId: SessionReference,
      reason: EndReason,
      /** Who ends it, where that is not its user. */
      actor: Type.Optional(Actor)
    }),
    reply: Session,
    errors: ['session_not_found']
  },
  endAll: {
    subject: 'session.end_all',
    request: Type.Object({
      userId: UserId,
      /** The session that goes on, if any. */
      exceptSessionId: Nullable(SessionReference),
      reason: EndReason,
      /**
       * Sign-ins verified under an older credential epoch are refused from now on; `null` leaves it as it is. With an
       * epoch a repetition, however late, ends nothing that was opened since that epoch was first heard of.
       */
      epoch: Nullable(Type.Integer({ minimum: 0 })),
      /** Who ends them, where that is not their user. */
      actor: Type.Optional(Actor)
    }),
    reply: Type.Object({ ended: Type.Integer({ minimum: 0 }) }),
    errors: []
  },
  putProfile: {
    subject: 'session.put_profile',
    request: Type.Object({
      user: Profile,
      /** Grows with each change of the profile, so that a late call cannot undo a newer one. */
      version: Type.Integer({ minimum: 1 }),
      /** Whether an admin keeps the user out, and until when (`null`: without an end); as old as the profile. */
      block: Nullable(Type.Object({ until: Nullable(Timestamp) }))
    }),
    reply: Type.Object({}),
    errors: []
  },
  getKeys: { subject: 'session.get_keys', request: Type.Object({}), reply: KeySet, errors: [] },
  /** By the clock of the store, which all times in tokens are of; milliseconds since 1970. */
  getTime: {
    subject: 'session.get_time',
    request: Type.Object({}),
    reply: Type.Object({ nowMs: Type.Integer({ minimum: 0 }) }),
    errors: []
  },
  listDevices: {
    subject: 'session.list_devices',
    request: Type.Object({ userId: UserId }),
    /** Devices that named themselves at a sign-in, each by what is left of its id: a hash. */
    reply: Type.Object({
      devices: Type.Array(Type.Object({ fingerprint: Type.String({ maxLength: 16 }), lastSignInAt: Timestamp }), {
        maxItems: 100
      })
    }),
    errors: []
  },
  erase: {
    subject: 'session.erase',
    /**
     * Ends every session of a user who is deleted and forgets all there is about them. For a day nothing is taken in
     * about that user any more. Answered once no verdict lives on; a repetition does no harm.
     */
    request: Type.Object({ userId: UserId }),
    reply: Type.Object({}),
    errors: []
  }
})
