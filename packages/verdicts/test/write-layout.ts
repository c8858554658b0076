import { readFileSync } from 'node:fs'
import { snapshots, takeRegistryLayout } from './layout.ts'

const { version }: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
await snapshots.write(version, takeRegistryLayout)
