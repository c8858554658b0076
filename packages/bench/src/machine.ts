import { availableParallelism, cpus, platform, release, totalmem } from 'node:os'
import { version } from 'node:process'

const GIB = 1024 ** 3

/** What the numbers were measured on. */
export function describeMachine() {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / GIB),
    system: `${platform()} ${release()}`,
    node: version
  }
}
