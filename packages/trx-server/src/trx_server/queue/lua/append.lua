-- Adds entries under one sequence for all lanes, so that the order of arrival is total.

local sequence

local function last_id_of(lane)
  if redis.call('EXISTS', lane) == 0 then
    return 0
  end
  return (parts(fields(redis.call('XINFO', 'STREAM', lane))['last-generated-id']))
end

local function add(lane, payload)
  sequence = sequence or tonumber(redis.call('GET', SEQUENCE) or microseconds())
  local reply
  for attempt = 1, 2 do
    sequence = sequence + 1
    local id = string.format('%.0f-0', sequence)
    reply = redis.pcall('XADD', LANES[lane], id, FIELD, payload)
    if type(reply) ~= 'table' then
      return
    end
    for _, other in ipairs(LANES) do
      sequence = math.max(sequence, last_id_of(other))
    end
  end
  error(reply)
end

local function save_sequence()
  redis.call('SET', SEQUENCE, string.format('%.0f', sequence))
end

local function first_due()
  return redis.call('ZRANGE', DELAYED, 0, 0, 'WITHSCORES')[2]
end

-- A delayed member is the number of its lane followed by its payload.
local function promote(now, limit)
  local members = redis.call('ZRANGE', DELAYED, '-inf', now, 'BYSCORE', 'LIMIT', 0, limit)
  for _, member in ipairs(members) do
    local lane = tonumber(string.sub(member, 1, 1))
    if lane and LANES[lane] then
      add(lane, string.sub(member, 2))
    else
      add(#LANES, member)
    end
    redis.call('ZREM', DELAYED, member)
  end
  if #members > 0 then
    save_sequence()
  end
end
