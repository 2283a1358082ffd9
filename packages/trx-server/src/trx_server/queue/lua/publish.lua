-- ARGV: number of entries, then lane and payload of each; number of delayed entries, then due,
-- lane and payload of each.

local epoch = epoch_now()
local ready = tonumber(next_arg())
for _ = 1, ready do
  local lane = tonumber(next_arg())
  add(lane, next_arg())
end
if ready > 0 then
  save_sequence()
end
local earliest = first_due()
for _ = 1, tonumber(next_arg()) do
  local due, lane = next_arg(), next_arg()
  redis.call('ZADD', DELAYED, due, lane .. next_arg())
end
if first_due() ~= earliest then
  redis.call('XADD', WAKE, 'MAXLEN', 1, '*', 'due', first_due())
end
return {epoch}
