-- ARGV: the epoch that the caller knows, runner, then pool, wanted, capacity of each.
-- Reply: the epoch, granted and load of each; nothing is granted under another epoch.

local epoch = redis.call('GET', EPOCH) or ''
local standing = epoch == ARGV[1]
local granted, loads = {}, {}
for i = 3, #ARGV, 3 do
  local pool = ARGV[i]
  local free = tonumber(ARGV[i + 2]) - amount(LOAD, pool)
  local grant = standing and math.max(0, math.min(tonumber(ARGV[i + 1]), free)) or 0
  if grant > 0 then
    take(ARGV[2], pool, grant)
  end
  granted[#granted + 1] = grant
  loads[#loads + 1] = amount(LOAD, pool)
end
return {epoch, granted, loads}
