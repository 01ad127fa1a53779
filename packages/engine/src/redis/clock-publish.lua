--[[
  Publishes center time, if the caller is still leader.

  KEYS[1] epoch  (string)  newest epoch
  KEYS[2] clock  (hash)    epoch, at_ms, speed, published_ms (by Redis's own clock: the one that all readers share)

  ARGV[1] epoch of the caller
  ARGV[2] center time in ms
  ARGV[3] center ms per wall ms

  Returns 1, or 0 where a newer epoch exists.
]]
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
local now = redis.call('TIME')
local now_ms = string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000))
redis.call('HSET', KEYS[2], 'epoch', ARGV[1], 'at_ms', ARGV[2], 'speed', ARGV[3], 'published_ms', now_ms)
return 1
