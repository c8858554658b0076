import { readFileSync, writeFileSync } from 'node:fs'
import { fileOf, renderSnapshot, takeSnapshot } from './snapshot.ts'

const { version }: { version: string } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
)
const [major, minor] = version.split('.')

writeFileSync(fileOf(`${major}.${minor}`), renderSnapshot(takeSnapshot()))
