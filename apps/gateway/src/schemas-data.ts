import { AccountData } from '@latchkey/contracts/accounts'
import { Status } from '@latchkey/contracts/activity'
import { FactorStatus } from '@latchkey/contracts/factors'
import { Timestamp } from '@latchkey/contracts/ids'
import { ListedSession, sessionContract } from '@latchkey/contracts/session'
import { TimelineEntry } from '@latchkey/contracts/timeline'
import Type from 'typebox'
import { exampleSession, exampleStatus, exampleTimelineEntry, exampleUser } from './examples.ts'

const { userId: _, tokenPayload: _payload, ...session } = ListedSession.properties
const { lastActiveAt: _lastActiveAt, ...exampleProfile } = exampleUser
const { current: _current, ...exampleListedSession } = exampleSession

const exampleAccount = {
  profile: exampleProfile,
  identifiers: [{ kind: 'email', entered: 'Ada@example.com', canonical: 'ada@example.com' }],
  hasPassword: true,
  passwordChangedAt: '2026-11-21T09:30:00.000Z',
  updatedAt: '2026-11-21T09:30:00.000Z'
}

/** All that the platform holds about a user, for that user. */
export const MyData = Type.Object(
  {
    exportedAt: Timestamp,
    account: AccountData,
    /** Last activity and block. */
    status: Status,
    sessions: Type.Array(Type.Object(session)),
    secondFactor: FactorStatus,
    devices: sessionContract.listDevices.reply.properties.devices,
    timeline: Type.Array(TimelineEntry)
  },
  {
    description: 'All data held about the user',
    examples: [
      {
        exportedAt: '2026-11-21T09:46:00.000Z',
        account: exampleAccount,
        status: exampleStatus,
        sessions: [exampleListedSession],
        secondFactor: { enabled: true, recoveryCodesLeft: 9 },
        devices: [{ fingerprint: 'q3Zb0kVxTn8', lastSignInAt: '2026-11-21T09:30:00.000Z' }],
        timeline: [exampleTimelineEntry]
      }
    ]
  }
)
