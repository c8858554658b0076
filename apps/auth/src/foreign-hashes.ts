import { once } from 'node:events'
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

async function exchange(worker: Worker, task: ForeignTask): Promise<boolean> {
  const over = new AbortController()
  const { signal } = over
  const answered = once(worker, 'message', { signal })
  const ended = once(worker, 'exit', { signal }).then(() => {
    throw new Error('the thread for foreign verifiers ended')
  })
  worker.postMessage(task)
  try {
    // `once` rejects at an error of the thread as well.
    const [isRight] = await Promise.race([answered, ended])
    return isRight === true
  } finally {
    over.abort()
    await Promise.allSettled([answered, ended])
  }
}
