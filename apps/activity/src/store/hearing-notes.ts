import type { Scripts } from '@latchkey/redis/scripts'
import type { HearingNotes } from '../domain/ports.ts'
import { HEARING_KEY } from './keys.ts'

export function createHearingNotes(scripts: Scripts): HearingNotes {
  const note = scripts.load('note-hearing')
  return {
    note: async ({ gapMs, hasLost }) => Number(await note([HEARING_KEY], [gapMs, hasLost ? '1' : '0']))
  }
}
