import { env } from 'node:process'
import { readConfig } from '@latchkey/runtime/config'
import { run } from '@latchkey/runtime/start'
import { variables } from './config.ts'
import { createKeyFile, listKeyFiles } from './key-files.ts'

/** Makes the first signing key where the folder has none; with `--rotate`, the next one. */
await run(async () => {
  const { SIGNING_KEYS_DIR, TOKEN_ALG, KEY_PUBLISH_DELAY } = readConfig(
    {
      SIGNING_KEYS_DIR: variables.SIGNING_KEYS_DIR,
      TOKEN_ALG: variables.TOKEN_ALG,
      KEY_PUBLISH_DELAY: variables.KEY_PUBLISH_DELAY
    },
    env
  )
  const known = await listKeyFiles(SIGNING_KEYS_DIR)
  if (known.length > 0 && !process.argv.includes('--rotate')) {
    process.stdout.write(`${known.length} signing key(s) in ${SIGNING_KEYS_DIR}; --rotate adds the next one\n`)
    return
  }
  const kid = await createKeyFile(SIGNING_KEYS_DIR, TOKEN_ALG, new Date())
  const begin = known.length === 0 ? 'it signs from now on' : `it signs ${KEY_PUBLISH_DELAY} s from now`
  process.stdout.write(`signing key ${kid} (${TOKEN_ALG}) made; ${begin}\n`)
})
