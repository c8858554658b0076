import { Status } from '@latchkey/contracts/activity'
import { DeviceId, Nullable, Profile, Timestamp } from '@latchkey/contracts/ids'
import { Session as OwnedSession } from '@latchkey/contracts/session-schema'
import { PlatformEntry, TimelineEntry, TimelineKind } from '@latchkey/contracts/timeline'
import { Tokens } from '@latchkey/contracts/tokens'
import Type from 'typebox'
import { exampleSession, exampleStatus, exampleTimelineEntry, exampleTokens, exampleUser } from './examples.ts'
import { forHttp } from './http-schema.ts'

const { id, userId: _, ...session } = OwnedSession.properties

export const User = Type.Object(
  { ...Profile.properties, lastActiveAt: Nullable(Timestamp) },
  { description: 'The user', examples: [exampleUser] }
)
export const Session = Type.Object(
  { id, current: Type.Boolean(), ...session },
  { description: 'A session', examples: [exampleSession] }
)

const Notice = Type.Object({
  type: Type.Union([
    Type.Literal('concurrent_sessions'),
    Type.Literal('new_device'),
    Type.Literal('sessions_replaced')
  ]),
  sessions: Type.Optional(Type.Array(Session))
})

/** A pair of tokens; the tokens themselves are left out where they are set as cookies. */
export const TokenPair = Type.Object(
  {
    accessToken: Type.Optional(Tokens.properties.accessToken),
    accessTokenExpiresAt: Timestamp,
    refreshToken: Type.Optional(Tokens.properties.refreshToken),
    refreshTokenExpiresAt: Nullable(Timestamp)
  },
  { description: 'The new tokens', examples: [exampleTokens] }
)

export const SignedIn = Type.Object(
  { user: User, session: Session, ...TokenPair.properties, notices: Type.Array(Notice) },
  {
    description: 'The user, the new session, its tokens and what there is to tell about other sessions',
    examples: [{ user: exampleUser, session: exampleSession, ...exampleTokens, notices: [{ type: 'new_device' }] }]
  }
)

export const Current = Type.Object(
  { user: User, session: Session },
  { description: 'Who is asking', examples: [{ user: exampleUser, session: exampleSession }] }
)

/** Of a route that has nothing to tell. */
export const NoContent = Type.Null({ description: 'Done' })
/** The same, where something is yet to be done. */
export const Accepted = Type.Null({ description: 'Accepted' })

export const Ended = Type.Object(
  { ended: Type.Integer({ minimum: 0 }) },
  { description: 'How many sessions ended', examples: [{ ended: 2 }] }
)

export const SessionPage = Type.Object(
  { items: Type.Array(Session), nextCursor: Nullable(Type.String()) },
  { description: 'Sessions, newest first', examples: [{ items: [exampleSession], nextCursor: null }] }
)

export const ActivityPage = Type.Object(
  { status: Status, items: Type.Array(TimelineEntry), nextCursor: Nullable(Type.String()) },
  {
    description: 'The status now, and what happened, newest first',
    examples: [{ status: exampleStatus, items: [exampleTimelineEntry], nextCursor: null }]
  }
)

export const EventPage = Type.Object(
  { items: Type.Array(PlatformEntry), nextCursor: Nullable(Type.String()) },
  {
    description: 'What happened to anybody, newest first',
    examples: [{ items: [{ userId: exampleUser.id, ...exampleTimelineEntry }], nextCursor: null }]
  }
)

/** What every sign-in may say beside the credentials. */
export const signInOptions = {
  cookies: Type.Optional(Type.Boolean({ description: 'Set the tokens as HttpOnly cookies instead of returning them' })),
  deviceId: Type.Optional({
    ...DeviceId,
    description: 'Random, kept by the client: by it a device is known again. With `cookies` a cookie does the same.'
  })
}

/** Query values are text; these are checked as such. */
export const pageQuery = {
  limit: Type.Optional(
    Type.String({ pattern: '^([1-9][0-9]?|100)$', description: 'A whole number from 1 to 100; 50 unless given' })
  ),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 200, pattern: '^[\\x21-\\x7e]+$' }))
}

export const sessionListQuery = forHttp(
  Type.Object(
    {
      state: Type.Optional(Type.Union([Type.Literal('active'), Type.Literal('ended'), Type.Literal('all')])),
      ...pageQuery
    },
    { additionalProperties: false }
  )
)

export const ActivityQuery = forHttp(
  Type.Object({ kind: Type.Optional(TimelineKind), ...pageQuery }, { additionalProperties: false })
)

/** As JSON or, for whoever accepts it, as CSV. */
export const activityAnswer = {
  description: 'The status now, and what happened',
  content: { 'application/json': { schema: forHttp(ActivityPage) }, 'text/csv': { schema: Type.String() } }
}

const DEFAULT_LIMIT = 50

export function readPage({ limit, cursor }: { readonly limit?: string; readonly cursor?: string }) {
  return { limit: limit === undefined ? DEFAULT_LIMIT : Number(limit), cursor: cursor ?? null }
}
