import { writeFileSync } from 'node:fs'
import { renderNatsConf } from '../src/nats-permissions.ts'

writeFileSync(new URL('../../../docker/nats.conf', import.meta.url), renderNatsConf())
