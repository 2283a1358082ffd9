-- Writes the ledger anew where there is none; and sets what the caller itself holds in any case.
-- ARGV: a token for a new epoch, runner, number of pools it holds slots of, pool and slots of each;
-- then runner, pool and slots of every holder.
-- Reply: the epoch.

local runner = ARGV[2]
local own_until = 3 + 2 * tonumber(ARGV[3])
local epoch = redis.call('GET', EPOCH)
if not epoch then
  redis.call('DEL', LOAD, HELD)
  for i = own_until + 1, #ARGV, 3 do
    take(ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2]))
  end
  epoch = boot_id() .. '-' .. ARGV[1]
  redis.call('SET', EPOCH, epoch)
end
give_back_all(runner)
for i = 4, own_until, 2 do
  take(runner, ARGV[i], tonumber(ARGV[i + 1]))
end
return epoch
