import { createHash, randomBytes, randomUUIDv7 } from 'node:crypto'
import { test } from 'tap'
import { createRefreshTokens } from '../src/refresh-tokens.ts'

const tokens = createRefreshTokens('the first secret of the tests, long enough')
const reference = () => {
  const userId = randomUUIDv7()
  return { userId, sessionId: `${userId.slice(-2)}${randomBytes(24).toString('base64url')}` }
}

test('a token says whose it is, and its hash is the SHA-256 of its text', async (t) => {
  const session = reference()
  const { token, hash } = tokens.create(session)
  t.match(tokens.read(token), { ...session, counter: 0, hash })
  t.same(hash, createHash('sha256').update(token).digest())
})

test('the successor of a token is the same each time, and another for each token', async (t) => {
  const session = reference()
  const [one, other] = [tokens.create(session).token, tokens.create(session).token]
  const successor = tokens.read(one)?.successor
  t.same(tokens.read(one)?.successor, successor)
  t.not(tokens.read(other)?.successor.token, successor?.token)
  t.match(tokens.read(successor?.token ?? ''), { ...session, counter: 1, hash: successor?.hash })
})

test('a token that was altered anywhere is not ours', async (t) => {
  const { token } = tokens.create(reference())
  const bytes = Buffer.from(token, 'base64url')
  const altered = Array.from(bytes, (byte, index) => {
    const copy = Buffer.from(bytes)
    copy[index] = byte ^ 1
    return copy.toString('base64url')
  })
  t.same(
    altered.filter((text) => tokens.read(text) !== undefined),
    []
  )
})

test('only the one spelling of a token is the token', async (t) => {
  const { token } = tokens.create(reference())
  const spellings = [`${token}=`, ` ${token}`, `${token}\n`, token.slice(0, -1), `${token}A`, '', 'x'.repeat(256)]
  t.same(
    spellings.filter((text) => tokens.read(text) !== undefined),
    []
  )
})

test('a token issued under another secret is not ours', async (t) => {
  const others = createRefreshTokens('the second secret of the tests, long enough')
  t.equal(tokens.read(others.create(reference()).token), undefined)
})

test('10 000 tokens are of one length and no bit of their secrets is biased', async (t) => {
  const session = reference()
  const issued = Array.from({ length: 10_000 }, () => tokens.create(session).token)
  t.ok(issued.every(({ length }) => length === 115))
  const secrets = issued.map((token) => Buffer.from(token, 'base64url').subarray(46, 70))
  const ones = Array.from({ length: 24 * 8 }, (_, bit) =>
    secrets.reduce((sum, secret) => sum + (((secret[bit >> 3] ?? 0) >> (bit & 7)) & 1), 0)
  )
  // Six standard deviations of a fair coin.
  t.ok(ones.every((count) => Math.abs(count - 5000) < 300))
})
