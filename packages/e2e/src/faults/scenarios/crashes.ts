import { setTimeout as delay } from 'node:timers/promises'
import { crash, cut, hold } from '../break.ts'
import type { LinkName, ServiceName } from '../platform.ts'
import type { Heal, Scenario, Stage } from '../scenario.ts'

const ROUNDS = 4
/** So long things get as far as the link that does not let them through. */
const HELD_MS = 400

/**
 * Kills a service at one point of its work: where it waits for what its link does not let through. What it has done
 * before is done, what would come after is not.
 */
async function crashBehind({ platform }: Stage, name: ServiceName, link: LinkName): Promise<Heal> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const held = platform.link(link)
    const letThrough = hold([held], 'up')
    await delay(HELD_MS)
    const start = await crash(platform.service(name))
    // What was on its way goes with the process.
    const mend = cut([held])
    await letThrough()
    await mend()
    await start()
  }
  return () => undefined
}

export const crashScenarios: readonly Scenario[] = [
  {
    name: 'session-killed-before-write',
    fault: 'the session service is killed when what it changes has not reached Redis',
    forMs: 0,
    rates: { revoke: 10, signIn: 10 },
    begin: (stage) => crashBehind(stage, 'session-1', 'session-1:redis')
  },
  {
    name: 'session-killed-before-telling',
    fault: 'the session service is killed when it has changed Redis and told nobody',
    forMs: 0,
    rates: { revoke: 10, signIn: 10 },
    begin: (stage) => crashBehind(stage, 'session-1', 'session-1:nats')
  },
  {
    name: 'auth-killed-before-telling',
    fault: 'the auth service is killed between the new password and the end of the sessions with the old one',
    forMs: 0,
    rates: { changePassword: 4 },
    stays: ['access', 'refresh', 'revoke'],
    begin: (stage) => crashBehind(stage, 'auth-1', 'auth-1:nats')
  },
  {
    name: 'auth-killed-before-commit',
    fault: 'the auth service is killed when what it changes has not reached PostgreSQL',
    forMs: 0,
    rates: { changePassword: 4, register: 6 },
    stays: ['access', 'refresh', 'revoke'],
    begin: (stage) => crashBehind(stage, 'auth-1', 'auth-1:postgres')
  },
  {
    name: 'activity-killed-before-write',
    fault: 'the activity service is killed when what it notes has not reached Redis',
    forMs: 0,
    stays: ['signIn', 'refresh', 'revoke'],
    begin: (stage) => crashBehind(stage, 'activity-1', 'activity-1:redis')
  }
]
