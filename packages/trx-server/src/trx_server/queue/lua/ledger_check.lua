-- The epoch; none when another server process answers than the one that it was made in.

local epoch = redis.call('GET', EPOCH)
if epoch and string.sub(epoch, 1, 8) ~= boot_id() then
  redis.call('DEL', EPOCH)
  return ''
end
return epoch or ''
