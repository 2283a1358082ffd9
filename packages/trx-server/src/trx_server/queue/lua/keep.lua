-- Resets the idle time of the entries that are still the consumer's.
-- ARGV: consumer, then for each lane a number of ids and the ids.
-- Reply: epoch, by lane the ids that are not the consumer's.

local MOST = 1000000
local epoch = epoch_now()
local consumer = next_arg()
local lost = {}
for index, lane in ipairs(LANES) do
  local mine = {}
  for _, entry in ipairs(redis.call('XPENDING', lane, GROUP, '-', '+', MOST, consumer)) do
    mine[entry[1]] = true
  end
  lost[index] = {}
  local count = tonumber(next_arg())
  while count > 0 do
    local chunk = math.min(count, CHUNK)
    count = count - chunk
    local kept = {}
    for _, id in ipairs(next_args(chunk)) do
      local list = mine[id] and kept or lost[index]
      list[#list + 1] = id
    end
    if #kept > 0 then
      kept[#kept + 1] = 'JUSTID'
      redis.call('XCLAIM', lane, GROUP, consumer, 0, unpack(kept))
    end
  end
end
return {epoch, lost}
