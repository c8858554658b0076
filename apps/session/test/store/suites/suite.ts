import type { RedisClient } from '@latchkey/redis/client'
import type { Test } from 'tap'
import type { SessionStore } from '../../../src/domain/ports.ts'
import { connect, createStore } from '../fixtures.ts'
import { blocks } from './blocks.ts'
import { counts } from './counts.ts'
import { devices } from './devices.ts'
import { ends } from './ends.ts'
import { epochs } from './epochs.ts'
import { erasures } from './erasures.ts'
import { everyone } from './everyone.ts'
import { matching } from './matching.ts'
import { policies } from './policies.ts'
import { races } from './races.ts'
import { records } from './records.ts'
import { replacements } from './replacements.ts'
import { touches } from './touches.ts'
import { unannounced } from './unannounced.ts'

export interface Subject {
  readonly store: SessionStore
  /** The Redis that the store keeps its sessions in. */
  readonly redis: RedisClient
}

/** Behaviours by name. */
export type Suite = Readonly<Record<string, (t: Test, subject: Subject) => Promise<void>>>

/** What every Redis that sessions may live in has to keep; `url` names it. */
export async function testSessionStore(t: Test, url: string): Promise<void> {
  const redis = await connect(t, url)
  const subject = { redis, store: createStore(redis) }
  for (const [name, run] of Object.entries({
    ...records,
    ...policies,
    ...devices,
    ...replacements,
    ...ends,
    ...epochs,
    ...races,
    ...touches,
    ...unannounced,
    ...matching,
    ...counts,
    ...everyone,
    ...blocks,
    ...erasures
  })) {
    await t.test(name, (t) => run(t, subject))
  }
}
