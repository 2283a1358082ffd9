-- What the ledger's scripts share; each of them is appended to this text.
-- KEYS: epoch, load (pool → slots taken), held (runner/pool → slots).

local EPOCH, LOAD, HELD = KEYS[1], KEYS[2], KEYS[3]

local function amount(key, field)
  return tonumber(redis.call('HGET', key, field) or 0)
end

local function add(key, field, slots)
  if redis.call('HINCRBY', key, field, slots) <= 0 then
    redis.call('HDEL', key, field)
  end
end

local function take(runner, pool, slots)
  add(LOAD, pool, slots)
  add(HELD, runner .. '/' .. pool, slots)
end

-- {pool, slots} of all that a runner holds.
local function held_by(runner)
  local prefix = runner .. '/'
  local all = redis.call('HGETALL', HELD)
  local found = {}
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, #prefix) == prefix then
      found[#found + 1] = {string.sub(all[i], #prefix + 1), tonumber(all[i + 1])}
    end
  end
  return found
end

local function give_back_all(runner)
  local held = held_by(runner)
  for _, item in ipairs(held) do
    take(runner, item[1], -item[2])
  end
  return held
end

local function boot_id()
  return string.sub(string.match(redis.call('INFO', 'server'), 'run_id:(%x+)'), 1, 8)
end
