import type { OutboxTable } from '@latchkey/outbox/postgres'
import type { Tls } from '@latchkey/runtime/tls'
import {
  CamelCasePlugin,
  type Generated,
  type GeneratedAlways,
  type JSONColumnType,
  Kysely,
  PostgresDialect
} from 'kysely'
import { Pool } from 'pg'
import type { OwnedIdentifier } from '../domain/identifiers.ts'
import type { DueMail, LinkPurpose, MailKind } from '../domain/mail-ports.ts'
import type { NewUser, PendingEnding, User } from '../domain/ports.ts'
import { createAddress } from './address.ts'
import { createStrictPool } from './strict-pool.ts'

/** The tables as `CamelCasePlugin` shows them. */
export interface Database {
  readonly users: Pick<NewUser, 'id' | 'firstName' | 'lastName'> & {
    readonly number: GeneratedAlways<number>
    readonly role: Generated<User['profile']['role']>
    readonly emailVerified: Generated<boolean>
    readonly epoch: Generated<number>
    readonly profileVersion: Generated<number>
    readonly createdAt: Generated<Date>
    readonly updatedAt: Generated<Date>
  }
  readonly userIdentifiers: OwnedIdentifier & { readonly userId: string }
  readonly passwords: { readonly userId: string; readonly verifier: string; readonly changedAt: Generated<Date> }
  readonly sessionEndings: Omit<PendingEnding, 'id' | 'adminId'> & {
    readonly id: GeneratedAlways<string>
    readonly adminId: Generated<string | null>
    readonly dueAt: Date
  }
  readonly profileCopies: { readonly userId: string; readonly version: number; readonly dueAt: Date }
  readonly totpFactors: {
    readonly userId: string
    readonly secret: Buffer
    /** Of the latest code that was accepted, in periods of 30 s since 1970. */
    readonly lastStep: Generated<number>
    /** `null` while the secret waits to be confirmed. */
    readonly confirmedAt: Date | null
    readonly createdAt: Generated<Date>
  }
  readonly recoveryCodes: { readonly userId: string; readonly hash: Buffer }
  readonly factorAttempts: { readonly userId: string; readonly count: number; readonly resetsAt: Date }
  readonly userBlocks: {
    readonly userId: string
    readonly blockedUntil: Date | null
    readonly blockedAt: Generated<Date>
    readonly blockedBy: string | null
    readonly note: string | null
  }
  /** Kept up by the database. */
  readonly userSearch: { readonly number: GeneratedAlways<number>; readonly text: GeneratedAlways<string> }
  readonly erasures: {
    readonly idHash: Buffer
    readonly userId: string | null
    readonly dueAt: Date
    readonly erasedAt: Generated<Date>
  }
  readonly outbox: OutboxTable
  readonly mailLinks: {
    readonly id: GeneratedAlways<string>
    readonly userId: string
    readonly purpose: LinkPurpose
    /** Canonical form of where the link was mailed to, and that as the person wrote it. */
    readonly address: string
    readonly entered: string
    /** Canonical form of the address that it is to replace. */
    readonly replaces: string | null
    /** The user's credential epoch when the link was asked for. */
    readonly epoch: number
    readonly sessionId: string | null
    readonly expiresAt: Date
  }
  readonly mailLinkTokens: { readonly hash: string; readonly linkId: string }
  readonly mails: {
    readonly id: GeneratedAlways<string>
    readonly userId: string
    readonly linkId: string | null
    readonly kind: MailKind
    readonly recipient: string
    readonly details: JSONColumnType<DueMail['details']>
    readonly attempts: Generated<number>
    readonly dueAt: Generated<Date>
    /** When its last attempt had failed; `null` for those still to be sent. */
    readonly givenUpAt: Generated<Date | null>
  }
  readonly mailQuotas: { readonly key: string; readonly used: number; readonly resetsAt: Date }
}

export interface DatabaseOptions {
  readonly url: string
  /** Given, the connection is by TLS and verified, whatever the URL says. */
  readonly tls?: Tls | undefined
  readonly poolSize: number
  readonly poolWaitMs: number
  readonly statementTimeoutMs: number
  /** Told of connections that are lost while no statement is under way, of one perhaps twice. */
  readonly onConnectionLost: (err: unknown) => void
}

/** Connects when it is first used; `destroy` closes every connection. */
export function openDatabase(options: DatabaseOptions): Kysely<Database> {
  return createDatabase(openPool(options))
}

/** The database over a pool, which ends with it. */
export function createDatabase(pool: Pool): Kysely<Database> {
  return new Kysely<Database>({
    dialect: new PostgresDialect({ pool: createStrictPool(pool) }),
    plugins: [new CamelCasePlugin()]
  })
}

export function openPool(options: DatabaseOptions): Pool {
  const { url, tls, poolSize, poolWaitMs, statementTimeoutMs, onConnectionLost } = options
  const pool = new Pool({
    ...createAddress(url, tls),
    application_name: 'latchkey-auth',
    max: poolSize,
    connectionTimeoutMillis: poolWaitMs,
    statement_timeout: statementTimeoutMs,
    // For a server that hangs: it does not keep its own time either.
    query_timeout: statementTimeoutMs + 250,
    idle_in_transaction_session_timeout: statementTimeoutMs * 5,
    idleTimeoutMillis: 30_000,
    keepAlive: true
  })
  pool.on('error', onConnectionLost)
  // The pool listens to idle connections only; one that is lost between two statements would end the process.
  pool.on('connect', (client) => client.on('error', onConnectionLost))
  return pool
}
