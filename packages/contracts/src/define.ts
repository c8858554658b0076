import type { Static, TSchema } from 'typebox'
import type { ErrorCode, Result, TransportError } from './errors.ts'

/** One operation of a service: the subject it is asked on, what goes in, what comes out, and every error it may answer. */
export interface Procedure {
  readonly subject: string
  readonly request: TSchema
  readonly reply: TSchema
  readonly errors: readonly ErrorCode[]
  /**
   * The list of the reply that may hold items of kinds only a newer version knows: whoever cannot read one passes it over.
   * Not for lists that say by an item's absence that something is not.
   */
  readonly openList?: string
}

/** All operations of one service. Subjects begin with the service's name. */
export type Contract = Readonly<Record<string, Procedure>>

/** Keeps the literal types of a contract, from which `Client` and `Handlers` are derived. */
export function defineContract<const C extends Contract>(contract: C): C {
  return contract
}

/** What a handler knows about the call besides its request. */
export interface CallContext {
  readonly requestId: string
  /** W3C `traceparent` of the caller, when it sent one. */
  readonly traceparent: string | undefined
  /** Milliseconds the caller is still willing to wait. Calls made on its behalf must not wait longer. */
  remainingMs(): number
}

/** What a caller says about the call besides its request. */
export interface CallOptions {
  readonly requestId: string
  readonly traceparent?: string | undefined
  /** How long the caller waits for the answer, in milliseconds. */
  readonly timeoutMs: number
}

export type RequestOf<P extends Procedure> = Static<P['request']>
export type ReplyOf<P extends Procedure> = Static<P['reply']>
export type ErrorOf<P extends Procedure> = P['errors'][number]

/** The server's side of a contract. A missing or extra handler does not compile. */
export type Handlers<C extends Contract> = {
  readonly [K in keyof C]: (
    request: RequestOf<C[K]>,
    context: CallContext
  ) => Promise<Result<ReplyOf<C[K]>, ErrorOf<C[K]> | 'unavailable' | 'invalid_request'>>
}

/** The caller's side of a contract: the listed errors, plus those any call over a bus can meet. */
export type Client<C extends Contract> = {
  readonly [K in keyof C]: (
    request: RequestOf<C[K]>,
    call: CallOptions
  ) => Promise<Result<ReplyOf<C[K]>, ErrorOf<C[K]> | TransportError>>
}
