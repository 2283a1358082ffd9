-- Reads in order of arrival: merges what the lanes have after what was last delivered, to know how
-- many of the oldest entries are each lane's.
-- ARGV: consumer, now, most delayed entries to promote, how many to read.

local function before(one, other)
  local a, b = parts(one)
  local c, d = parts(other)
  return a < c or (a == c and b < d)
end

local epoch = epoch_now()
local consumer = next_arg()
local now = next_arg()
promote(now, next_arg())
local room = tonumber(next_arg())

local lanes = {}
for index, lane in ipairs(LANES) do
  lanes[index] = {last = group_of(lane)['last-delivered-id'], batch = {}, next = 1, count = 0}
end

local function head(index)
  local lane = lanes[index]
  if lane.next > #lane.batch and not lane.dry then
    lane.batch = redis.call('XRANGE', LANES[index], '(' .. lane.last, '+', 'COUNT', CHUNK)
    lane.next = 1
    lane.dry = #lane.batch < CHUNK
    if #lane.batch > 0 then
      lane.last = lane.batch[#lane.batch][1]
    end
  end
  local entry = lane.batch[lane.next]
  return entry and entry[1]
end

for _ = 1, room do
  local oldest, from
  for index = 1, #lanes do
    local id = head(index)
    if id and (not oldest or before(id, oldest)) then
      oldest, from = id, lanes[index]
    end
  end
  if not from then
    break
  end
  from.next = from.next + 1
  from.count = from.count + 1
end

local entries = {}
for index, lane in ipairs(lanes) do
  entries[index] = take(index, consumer, lane.count)
end
return reply_of(epoch, entries)
