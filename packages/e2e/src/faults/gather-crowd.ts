import { setTimeout as delay } from 'node:timers/promises'
import { giveAdminRole } from '../administrators.ts'
import { registerAccount, signInAccount } from '../history/account.ts'
import { Crowd, type Held } from './crowd.ts'
import { fillChangers } from './fill-up.ts'
import type { Platform } from './platform.ts'

/** What has just started on a busy machine may need some time more. */
const MAX_ATTEMPTS = 20
const ATTEMPT_PAUSE_MS = 200

const STEADY = 8
const SIGNERS = 6
/** More than get no answer while something is wrong: those change their password no more. */
const CHANGERS = 12

/** Registers those who are there from the beginning. */
export async function gatherCrowd({ gateways, environment }: Platform): Promise<Crowd> {
  const crowd = new Crowd()
  const [gateway] = gateways
  if (gateway === undefined) throw new Error('no gateway')
  const join = async (attempt = 1): Promise<Held> => {
    const person = crowd.createPerson()
    const { session, answered } = await registerAccount(gateway, person)
    if (session === undefined) {
      if (attempt === MAX_ATTEMPTS) throw new Error(`the platform is not ready: ${answered.status} ${answered.text}`)
      await delay(ATTEMPT_PAUSE_MS)
      return join(attempt + 1)
    }
    crowd.registered.push(person)
    return { person, session, endBegun: undefined }
  }
  const joinAll = (count: number) => Promise.all(Array.from({ length: count }, () => join()))
  crowd.steady.push(...(await joinAll(STEADY)))
  for (const held of await joinAll(SIGNERS)) {
    crowd.signers.push(held.person)
    crowd.steady.push(held)
  }
  await fillChangers(crowd, gateway, CHANGERS)
  const [admin] = await joinAll(1)
  if (admin?.person.userId === undefined) throw new Error('nobody to be the admin')
  await giveAdminRole(environment.DATABASE_URL ?? '', admin.person.userId)
  const { session } = await signInAccount(gateway, admin.person)
  if (session !== undefined) crowd.admin = { ...admin, session }
  return crowd
}
