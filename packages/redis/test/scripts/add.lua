return { KEYS[1], redis.call('INCRBY', KEYS[1], ARGV[1]) }
