-- ARGV: runner. Reply: {pool, slots} held.

return held_by(ARGV[1])
