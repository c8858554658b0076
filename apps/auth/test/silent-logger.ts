import { createLogger, type Logger } from '@latchkey/runtime/logger'

export const logger: Logger = createLogger({ service: 'auth', level: 'silent' })
