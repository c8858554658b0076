import { generateKeyPairSync, randomBytes } from 'node:crypto'
import fastifyJwt from '@fastify/jwt'
import Fastify from 'fastify'
import Type from 'typebox'
import { announce, readTask } from '../processes/announce.ts'
import { sampleWhoAmI } from '../who-am-i.ts'

const { algorithm } = readTask(Type.Object({ algorithm: Type.Union([Type.Literal('RS256'), Type.Literal('HS256')]) }))

function createSecret() {
  if (algorithm === 'HS256') return randomBytes(32)
  const encoding = { publicKeyEncoding: { type: 'spki', format: 'pem' } } as const
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    ...encoding,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' }
  })
  return { public: publicKey, private: privateKey }
}

/** Stateless tokens: each request costs a verification, and nothing can be revoked. */
const app = Fastify()
await app.register(fastifyJwt, {
  secret: createSecret(),
  sign: { algorithm, expiresIn: '15m', iss: 'latchkey', aud: 'latchkey' },
  verify: { algorithms: [algorithm], allowedIss: 'latchkey', allowedAud: 'latchkey' }
})
app.post('/sign-in', async () => {
  const { user, session } = sampleWhoAmI
  return { accessToken: app.jwt.sign({ sub: user.id, sid: session.id, jti: randomBytes(16).toString('base64url') }) }
})
app.get('/who-am-i', { onRequest: async (request) => void (await request.jwtVerify()) }, async () => sampleWhoAmI)
announce({ address: await app.listen({ host: '127.0.0.1', port: 0 }) })
