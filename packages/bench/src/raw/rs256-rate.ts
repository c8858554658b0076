import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import Type from 'typebox'
import { announce, readTask } from '../processes/announce.ts'

/** About what an access token has before its signature. */
const TOKEN_BYTES = 360
const BATCH = 50

/** How often this machine signs by RS256 (2048 bits) in a second when it does nothing else. */
const { seconds } = readTask(Type.Object({ seconds: Type.Number() }))
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const text = randomBytes(TOKEN_BYTES)

function signFor(durationMs: number): number {
  const startedAtMs = performance.now()
  let done = 0
  while (performance.now() - startedAtMs < durationMs) {
    for (let i = 0; i < BATCH; i += 1) sign('sha256', text, privateKey)
    done += BATCH
  }
  return (done * 1000) / (performance.now() - startedAtMs)
}

signFor(200)
announce({ perSecond: signFor(seconds * 1000) })
