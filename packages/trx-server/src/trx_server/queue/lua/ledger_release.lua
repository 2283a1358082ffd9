-- ARGV: runner, then pool and slots of each; never more than the runner holds.

for i = 2, #ARGV, 2 do
  local slots = math.min(tonumber(ARGV[i + 1]), amount(HELD, ARGV[1] .. '/' .. ARGV[i]))
  if slots > 0 then
    take(ARGV[1], ARGV[i], -slots)
  end
end
return redis.call('GET', EPOCH) or ''
