-- Makes the groups. A new epoch when something was missing, or when another server process answers
-- than the one that the epoch was made in: it may have lost its latest writes.

local made = make_groups()
local epoch = redis.call('GET', EPOCH)
if made or not epoch or string.sub(epoch, 1, 8) ~= boot_id() then
  epoch = new_epoch()
end
return {epoch}
