import Type, { type Static } from 'typebox'
import { IdentifierKind } from './auth.ts'
import { defineContract } from './define.ts'
import { FieldError } from './errors.ts'
import { Nullable, Profile, Role, Timestamp, UserId } from './ids.ts'

/** As long as a body may be, so that auth can say why it refuses one. */
const Password = Type.String({ maxLength: 16_384 })
const Text = Type.Optional(Nullable(Type.String({ maxLength: 512 })))

/** What auth holds about a user beside the profile; nothing that authenticates. */
export const AccountData = Type.Object({
  profile: Profile,
  identifiers: Type.Array(
    Type.Object({
      kind: IdentifierKind,
      /** As the person wrote it, and as it is compared. */
      entered: Type.String({ maxLength: 512 }),
      canonical: Type.String({ maxLength: 512 })
    })
  ),
  hasPassword: Type.Boolean(),
  passwordChangedAt: Nullable(Timestamp),
  updatedAt: Timestamp
})
export type AccountData = Static<typeof AccountData>

/**
 * A user on a line of a file that moves users from one place to another. At least one identifier; whatever is left out,
 * or `null`, is as for a user who has just signed up. `passwordHash` has one of these forms, salt and hash in base64
 * without padding: `$argon2id$v=19$m=…,t=…,p=…$salt$hash` (also argon2i, argon2d), `$2b$<cost>$…` (also `$2a$`, `$2y$`),
 * `$scrypt$ln=…,r=…,p=…$salt$hash`, `$pbkdf2-sha256$i=…$salt$hash`, `$pbkdf2-sha512$i=…$salt$hash`.
 */
export const PortableUser = Type.Object({
  /** Kept if nobody has it; one is made where none is given. */
  id: Type.Optional(Nullable(UserId)),
  email: Text,
  emailVerified: Type.Optional(Nullable(Type.Boolean())),
  username: Text,
  mobile: Text,
  firstName: Text,
  lastName: Text,
  role: Type.Optional(Nullable(Role)),
  /** ISO 8601 with an offset or `Z`. */
  createdAt: Type.Optional(Nullable(Type.String({ maxLength: 40 }))),
  passwordHash: Type.Optional(Nullable(Type.String({ maxLength: 1024 })))
})
export type PortableUser = Static<typeof PortableUser>

/** Line of the file, from 1. */
const LineNumber = Type.Integer({ minimum: 1 })

export const LineFault = Type.Object({ line: LineNumber, ...FieldError.properties })
export type LineFault = Static<typeof LineFault>

export const MAX_IMPORT_BATCH = 200
const MAX_EXPORT_BATCH = 200

/** Whole accounts: their end, what is held about them, and moving many of them. Served by auth. */
export const accountsContract = defineContract({
  deleteOwn: {
    subject: 'accounts.delete_own',
    request: Type.Object({ userId: UserId, password: Password }),
    reply: Type.Object({}),
    errors: ['invalid_request', 'wrong_password', 'user_not_found', 'last_admin', 'too_many_attempts']
  },
  delete: {
    subject: 'accounts.delete',
    request: Type.Object({ userId: UserId, adminId: UserId }),
    reply: Type.Object({}),
    errors: ['user_not_found', 'last_admin']
  },
  getData: {
    subject: 'accounts.get_data',
    request: Type.Object({
      userId: UserId,
      /** When the session that asks was opened: only a fresh one may have it. */
      authenticatedAt: Timestamp
    }),
    reply: AccountData,
    errors: ['user_not_found', 'reauthentication_required']
  },
  import: {
    subject: 'accounts.import',
    request: Type.Object({
      adminId: UserId,
      users: Type.Array(Type.Object({ line: LineNumber, user: PortableUser }), { maxItems: MAX_IMPORT_BATCH })
    }),
    /** All that could be made are there; the faults are those of the others. */
    reply: Type.Object({
      imported: Type.Integer({ minimum: 0 }),
      faults: Type.Array(LineFault, { maxItems: MAX_IMPORT_BATCH * 10 })
    }),
    errors: []
  },
  list: {
    subject: 'accounts.list',
    request: Type.Object({
      adminId: UserId,
      /** Serial number of the last user of the batch before; 0 begins a list, which is noted as an export of the admin's. */
      after: Type.Integer({ minimum: 0 }),
      limit: Type.Integer({ minimum: 1, maximum: MAX_EXPORT_BATCH })
    }),
    reply: Type.Object({
      users: Type.Array(PortableUser, { maxItems: MAX_EXPORT_BATCH }),
      /** `null` after the last batch. */
      next: Nullable(Type.Integer({ minimum: 1 }))
    }),
    errors: []
  }
})
