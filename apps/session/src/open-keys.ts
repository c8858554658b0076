import { ConfigError } from '@latchkey/runtime/config'
import type { Config } from './config.ts'
import { createKeyFile } from './key-files.ts'
import { type KeyRing, type KeyRingOptions, NoSigningKey, openKeyRing } from './keys.ts'

/** Opens the configured folder of keys. Production wants one to be there; elsewhere the first one is made. */
export async function openConfiguredKeyRing(config: Config, log: KeyRingOptions['log']): Promise<KeyRing> {
  const options: KeyRingOptions = {
    folder: config.SIGNING_KEYS_DIR,
    alg: config.TOKEN_ALG,
    publishDelayMs: config.KEY_PUBLISH_DELAY * 1000,
    longestTokenMs: Math.max(config.SESSION_TTL, config.ACCESS_TOKEN_TTL) * 1000,
    now: Date.now,
    log
  }
  try {
    return await openKeyRing(options)
  } catch (err) {
    if (!(err instanceof NoSigningKey)) throw err
    if (config.NODE_ENV === 'production') {
      throw new ConfigError(`configuration: SIGNING_KEYS_DIR must hold a usable ${config.TOKEN_ALG} key`)
    }
    const kid = await createKeyFile(options.folder, options.alg, new Date())
    log.info({ kid }, 'first signing key made')
    return await openKeyRing(options)
  }
}
