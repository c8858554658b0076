import { env, stdout } from 'node:process'
import { readConfig } from '@latchkey/runtime/config'
import { run } from '@latchkey/runtime/start'
import { getDatabaseOptions, getVariables } from './config.ts'
import { openCommandStores } from './stores.ts'
import { createTotpSealing } from './totp-secrets.ts'

/** Seals every secret of a second factor under `FACTOR_SECRET`, so that those of `FACTOR_SECRETS_FORMER` can go. */
await run(async () => {
  const config = readConfig(getVariables(env), env)
  const sealing = createTotpSealing(config.FACTOR_SECRET, config.FACTOR_SECRETS_FORMER)
  const stores = openCommandStores(getDatabaseOptions(config))
  try {
    const renewed = await stores.renewSecrets(sealing.renew)
    stdout.write(`factors:renew: ${renewed} sealed anew\n`)
  } finally {
    await stores.close()
  }
})
