import { test } from 'tap'
import { createClaimsReader } from '../src/claims.ts'

const NOW = 1_800_000_000
const TTL = 600

const readClaims = createClaimsReader({ issuer: 'latchkey', audience: 'latchkey', accessTokenTtlSeconds: TTL })
const good = {
  iss: 'latchkey',
  aud: 'latchkey',
  sub: 'a-user',
  sid: 'a-session',
  jti: 'a-token',
  iat: NOW,
  exp: NOW + TTL
}

test('clocks may be five seconds apart, and no more', async (t) => {
  const isAccepted = (times: object, nowSeconds = NOW) => readClaims({ ...good, ...times }, nowSeconds) !== undefined
  for (const [name, inside, outside] of [
    ['issued ahead', { iat: NOW + 5 }, { iat: NOW + 6 }],
    ['not yet in force', { nbf: NOW + 5 }, { nbf: NOW + 5.001 }],
    ['in force and issued ahead', { iat: NOW + 5, nbf: NOW + 5 }, { iat: NOW + 5, nbf: NOW + 6 }],
    ['longer than tokens last', { exp: NOW + TTL + 5 }, { exp: NOW + TTL + 6 }]
  ] as const) {
    t.ok(isAccepted(inside), name)
    t.notOk(isAccepted(outside), name)
  }
  t.notOk(isAccepted({ iat: NOW + 5 }, NOW - 0.001), 'to the millisecond')
  t.notOk(isAccepted({ iat: NOW, exp: NOW }), 'it has to last at all')
  t.ok(isAccepted({ exp: NOW + 1 }, NOW + 1000), 'whether it is over is judged by who looks it up')
})
