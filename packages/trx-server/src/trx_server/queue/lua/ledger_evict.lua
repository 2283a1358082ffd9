-- ARGV: runner. Reply: {pool, slots} given back.

return give_back_all(ARGV[1])
