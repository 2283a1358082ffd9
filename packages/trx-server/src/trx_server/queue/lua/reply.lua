-- The reply of a read: epoch, by lane id and value of each entry; and when there are none, what to wait for: the
-- instant at which the next delayed entry is due, and the ids after which entries are news.

local function positions()
  local ids = {}
  for index, lane in ipairs(LANES) do
    ids[index] = group_of(lane)['last-delivered-id']
  end
  local wake = redis.call('XREVRANGE', WAKE, '+', '-', 'COUNT', 1)[1]
  ids[#LANES + 1] = wake and wake[1] or '0-0'
  return ids
end

local function take(lane, consumer, count)
  if count == 0 then
    return {}
  end
  local reply = redis.call(
    'XREADGROUP', 'GROUP', GROUP, consumer, 'COUNT', count, 'STREAMS', LANES[lane], '>')
  local found = {}
  for _, entry in ipairs(reply and reply[1][2] or {}) do
    found[#found + 1] = entry[1]
    found[#found + 1] = value_of(entry)
  end
  return found
end

local function reply_of(epoch, entries)
  for _, found in ipairs(entries) do
    if #found > 0 then
      return {epoch, entries}
    end
  end
  return {epoch, entries, first_due() or '', positions()}
end
