import process from 'node:process'

// Imported into a service that a test starts: it shall not outlive whoever started it, however that ended.
process.once('disconnect', () => process.exit())
process.channel?.unref()
