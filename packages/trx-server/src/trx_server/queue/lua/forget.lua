-- Removes a consumer from the lanes where nothing is pending for it. ARGV: consumer.
-- Reply: epoch, in how many lanes it stays.

local epoch = epoch_now()
local consumer = next_arg()
local stays = 0
for _, lane in ipairs(LANES) do
  if #redis.call('XPENDING', lane, GROUP, '-', '+', 1, consumer) > 0 then
    stays = stays + 1
  else
    redis.call('XGROUP', 'DELCONSUMER', lane, GROUP, consumer)
  end
end
return {epoch, stays}
