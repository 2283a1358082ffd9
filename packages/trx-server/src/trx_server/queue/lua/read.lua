-- ARGV: consumer, now, most delayed entries to promote, then how many to read from each lane.

local epoch = epoch_now()
local consumer = next_arg()
local now = next_arg()
promote(now, next_arg())
local entries = {}
for lane = 1, #LANES do
  entries[lane] = take(lane, consumer, tonumber(next_arg()))
end
return reply_of(epoch, entries)
