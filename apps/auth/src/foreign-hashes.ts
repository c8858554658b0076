import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Result } from '@latchkey/contracts/errors'
import type { Deadline } from './domain/ports.ts'
import type { ForeignTask } from './foreign-hash-worker.ts'
import type { ForeignVerifier } from './foreign-verifiers.ts'
import { createHashQueue } from './hash-queue.ts'

export interface ForeignHashes {
  /** Whether the password is right; `unavailable` when too many wait already, or for too long. */
  verify(verifier: ForeignVerifier, password: string, deadline: Deadline): Promise<Result<boolean, 'unavailable'>>
  close(): Promise<void>
}

/** Few: each may take a second. */
const QUEUE_LENGTH = 8
const WORKER = new URL(`./foreign-hash-worker${extname(import.meta.url)}`, import.meta.url)

/**
 * Checks of verifiers that were made elsewhere, one at a time, on a thread of their own: what they cost was decided by
 * others, and nobody with a verifier of ours is to wait for it.
 */
export function createForeignHashes(): ForeignHashes {
  const lane = createHashQueue({ concurrency: 1, length: QUEUE_LENGTH })
  let worker: Worker | undefined

  const ask = async (task: ForeignTask): Promise<boolean> => {
    worker ??= new Worker(WORKER, { execArgv: [] })
    worker.ref()
    try {
      return await exchange(worker, task)
    } catch (err) {
      worker = undefined
      throw err
    } finally {
      // While it has nothing to do it keeps no process alive.
      worker?.unref()
    }
  }

  return {
    verify: (verifier, password, deadline) => lane.run(() => ask({ verifier, password }), deadline),
    close: async () => {
      await worker?.terminate()
    }
  }
}

function exchange(worker: Worker, task: ForeignTask): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('the thread for foreign verifiers ended'))
    const settle = (finish: () => void) => {
      worker.removeAllListeners()
      finish()
    }
    worker.once('message', (isRight: boolean) => settle(() => resolve(isRight)))
    worker.once('error', (err) => settle(() => reject(err)))
    worker.once('exit', () => settle(ended))
    worker.postMessage(task)
  })
}
