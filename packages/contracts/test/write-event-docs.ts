import { writeFileSync } from 'node:fs'
import { eventDocs, renderEventDocs } from './event-docs.ts'

writeFileSync(eventDocs, renderEventDocs())
