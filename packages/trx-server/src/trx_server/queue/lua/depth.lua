-- Reply: epoch, never delivered, delivered but not settled, delayed.

-- Entries of a stream up to an id: as many as are delivered and not settled.
local function count_up_to(lane, last)
  local count, start = 0, '-'
  while true do
    local batch = redis.call('XRANGE', lane, start, last, 'COUNT', CHUNK)
    count = count + #batch
    if #batch < CHUNK then
      return count
    end
    start = '(' .. batch[#batch][1]
  end
end

-- Once entries were deleted that had not been delivered, Redis tells no lag, or (7.0) a wrong one.
-- A lag is right when it accounts for the whole stream, of which settled entries are no part.
local function lag_of(lane, group)
  local length = redis.call('XLEN', lane)
  if group.lag and group.lag + group.pending == length then
    return group.lag
  end
  return length - count_up_to(lane, group['last-delivered-id'])
end

local epoch = epoch_now()
local lag, pending = 0, 0
for _, lane in ipairs(LANES) do
  local group = group_of(lane)
  lag = lag + lag_of(lane, group)
  pending = pending + group.pending
end
return {epoch, lag, pending, redis.call('ZCARD', DELAYED)}
