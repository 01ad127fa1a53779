--[[
  Notes that an executor is alive, by Redis's clock.

  KEYS[1] executors  (zset)  by last heartbeat in ms
  ARGV[1] executor
]]
local now = redis.call('TIME')
redis.call('ZADD', KEYS[1], now[1] * 1000 + math.floor(now[2] / 1000), ARGV[1])
