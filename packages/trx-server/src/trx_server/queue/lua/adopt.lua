-- Takes over entries that nobody keeps alive; those deleted meanwhile leave the pending list.
-- ARGV: consumer, least idle time in milliseconds, how many.
-- Reply: epoch, by lane id, value and times delivered of each entry.

local epoch = epoch_now()
local consumer, idle, room = next_arg(), next_arg(), tonumber(next_arg())
local entries = {}
for index, lane in ipairs(LANES) do
  local found = {}
  local start = '0-0'
  while room > 0 do
    local reply = redis.call('XAUTOCLAIM', lane, GROUP, consumer, idle, start, 'COUNT', room)
    start = reply[1]
    for _, entry in ipairs(reply[2]) do
      local pending = redis.call('XPENDING', lane, GROUP, entry[1], entry[1], 1)[1]
      found[#found + 1] = entry[1]
      found[#found + 1] = value_of(entry)
      found[#found + 1] = pending[4]
      room = room - 1
    end
    if start == '0-0' then
      break
    end
  end
  entries[index] = found
end
return {epoch, entries}
