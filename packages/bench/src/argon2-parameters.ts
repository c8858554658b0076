/** Both sides of every comparison hash passwords with these: the default of the auth service. */
export const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/** As many at the same time as the auth service runs. */
export const HASH_CONCURRENCY = 2
