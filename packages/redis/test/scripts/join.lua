return ready .. ARGV[1]
