import { readFileSync } from 'node:fs'
import { snapshots, takeSessionLayout } from './layout.ts'

const { version }: { version: string } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
)
await snapshots.write(version, takeSessionLayout)
