import { hash, verify } from 'argon2'
import Type from 'typebox'
import { ARGON2, HASH_CONCURRENCY } from '../argon2-parameters.ts'
import { announce, readTask } from '../processes/announce.ts'
import { PASSWORD } from '../who-am-i.ts'

/** How many passwords this machine verifies in a second when it does nothing else. */
const { seconds } = readTask(Type.Object({ seconds: Type.Number() }))
const verifier = await hash(PASSWORD, ARGON2)
await verify(verifier, PASSWORD)

const startedAtMs = performance.now()
const endsAtMs = startedAtMs + seconds * 1000
let done = 0
async function verifyUntilEnd(): Promise<void> {
  while (performance.now() < endsAtMs) {
    if (await verify(verifier, PASSWORD)) done += 1
  }
}
await Promise.all(Array.from({ length: HASH_CONCURRENCY }, verifyUntilEnd))
announce({ perSecond: (done * 1000) / (performance.now() - startedAtMs) })
