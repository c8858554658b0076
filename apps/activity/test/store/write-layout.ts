import { readFileSync } from 'node:fs'
import { snapshots, takeActivityLayout } from './layout.ts'

const { version }: { version: string } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
)
await snapshots.write(version, takeActivityLayout)
