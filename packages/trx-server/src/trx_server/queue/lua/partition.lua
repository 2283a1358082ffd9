-- What the scripts of a partition share; each of them is appended to this text.
-- KEYS: epoch, sequence, delayed, wake, then the lanes, most urgent first.
-- ARGV: a token for a new epoch, then the script's own arguments, read by next_arg().

local EPOCH, SEQUENCE, DELAYED, WAKE = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local LANES = {unpack(KEYS, 5)}
local GROUP = 'runners'
local FIELD = 't'
local CHUNK = 64

local at = 1
local function next_arg()
  at = at + 1
  return ARGV[at]
end

local function next_args(count)
  local taken = {unpack(ARGV, at + 1, at + count)}
  at = at + count
  return taken
end

local function boot_id()
  return string.sub(string.match(redis.call('INFO', 'server'), 'run_id:(%x+)'), 1, 8)
end

local function microseconds()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

-- The sequence goes on from the time, in microseconds, so that an id of a lost epoch never comes back:
-- whoever still holds it would settle another entry.
local function new_epoch()
  local sequence = math.max(redis.call('GET', SEQUENCE) or 0, microseconds())
  redis.call('SET', SEQUENCE, string.format('%.0f', sequence))
  local epoch = boot_id() .. '-' .. ARGV[1]
  redis.call('SET', EPOCH, epoch)
  return epoch
end

-- Whether any had to be made.
local function make_groups()
  local made = false
  for _, lane in ipairs(LANES) do
    local reply = redis.pcall('XGROUP', 'CREATE', lane, GROUP, '0', 'MKSTREAM')
    if reply.ok then
      made = true
    elseif not string.find(reply.err, 'BUSYGROUP', 1, true) then
      error(reply)
    end
  end
  return made
end

-- The epoch; a flushed or new server is made ready first.
local function epoch_now()
  local epoch = redis.call('GET', EPOCH)
  if epoch then
    return epoch
  end
  make_groups()
  return new_epoch()
end

local function fields(flat)
  local map = {}
  for i = 1, #flat, 2 do
    map[flat[i]] = flat[i + 1]
  end
  return map
end

local function group_of(lane)
  local groups = redis.pcall('XINFO', 'GROUPS', lane)
  for _, flat in ipairs(groups) do
    local group = fields(flat)
    if group.name == GROUP then
      return group
    end
  end
  error({err = 'NOGROUP ' .. lane .. ' has no group ' .. GROUP})
end

-- The payload of an entry; all its fields when it has others.
local function value_of(entry)
  local found = entry[2]
  return #found == 2 and found[1] == FIELD and found[2] or found
end

-- The two numbers of a stream id, as numbers.
local function parts(id)
  local first, second = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(first), tonumber(second)
end
