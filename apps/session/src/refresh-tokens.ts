import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { SessionReference } from './domain/references.ts'
import type { RefreshTokens } from './domain/refresh-tokens.ts'

/*
 * A refresh token is, in base64url: version (1 byte), user id (16), session id (25), counter (4), secret (24), seal (16).
 *
 * The first secret is random, each following one is an HMAC of the token before it: whoever presents a token again gets
 * the same successor, and nothing has to be stored to make it. The seal is an HMAC over all the rest, so that a
 * token nobody has issued never reaches the store. Redis holds the SHA-256 of the latest token only; neither it nor the
 * key, nor both together, are enough to make one.
 */
const VERSION = 1
const USER_ID_AT = 1
const SESSION_ID_AT = 17
const COUNTER_AT = 42
const SECRET_AT = 46
const SEAL_AT = 70
const LENGTH = 86
const MAX_COUNTER = 0xffff_ffff

/** `key` is at least 32 characters; another one makes all tokens issued under it invalid. */
export function createRefreshTokens(key: string): RefreshTokens {
  const sealKey = deriveKey(key, 'refresh token seal')
  const successorKey = deriveKey(key, 'refresh token successor')
  const seal = (body: Buffer) =>
    createHmac('sha256', sealKey)
      .update(body)
      .digest()
      .subarray(0, LENGTH - SEAL_AT)
  const finish = (body: Buffer) => {
    const token = Buffer.concat([body, seal(body)]).toString('base64url')
    return { token, hash: hashToken(token) }
  }

  return {
    create: (reference) => finish(encodeBody(reference, 0, randomBytes(SEAL_AT - SECRET_AT))),

    read: (token) => {
      const bytes = Buffer.from(token, 'base64url')
      // Decoding forgives what encoding never makes; only the one spelling is a token.
      if (bytes.length !== LENGTH || bytes[0] !== VERSION || bytes.toString('base64url') !== token) return undefined
      const body = bytes.subarray(0, SEAL_AT)
      if (!timingSafeEqual(seal(body), bytes.subarray(SEAL_AT))) return undefined
      const counter = body.readUInt32BE(COUNTER_AT)
      if (counter === MAX_COUNTER) return undefined
      const reference = decodeReference(body)
      const secret = createHmac('sha256', successorKey)
        .update(body)
        .digest()
        .subarray(0, SEAL_AT - SECRET_AT)
      const successor = finish(encodeBody(reference, counter + 1, secret))
      return { ...reference, counter, hash: hashToken(token), successor }
    }
  }
}

function deriveKey(key: string, purpose: string): Buffer {
  return createHmac('sha256', key).update(`latchkey ${purpose}`).digest()
}

function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

function encodeBody({ userId, sessionId }: SessionReference, counter: number, secret: Buffer): Buffer {
  const body = Buffer.alloc(SEAL_AT)
  body[0] = VERSION
  body.write(userId.replaceAll('-', ''), USER_ID_AT, 'hex')
  body.write(sessionId.slice(0, 2), SESSION_ID_AT, 'hex')
  body.write(sessionId.slice(2), SESSION_ID_AT + 1, 'base64url')
  body.writeUInt32BE(counter, COUNTER_AT)
  secret.copy(body, SECRET_AT)
  return body
}

function decodeReference(body: Buffer): SessionReference {
  const hex = body.toString('hex', USER_ID_AT, SESSION_ID_AT)
  const userId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  const shard = body.toString('hex', SESSION_ID_AT, SESSION_ID_AT + 1)
  return { userId, sessionId: `${shard}${body.toString('base64url', SESSION_ID_AT + 1, COUNTER_AT)}` }
}
