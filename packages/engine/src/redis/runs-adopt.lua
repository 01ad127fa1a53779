--[[
  Makes an executor the owner of all runs of executors that have been silent for too long.

  KEYS[1] owners     (hash)  as in runs-record
  KEYS[2] executors  (zset)  by last heartbeat

  ARGV[1] executor that adopts; this counts as its heartbeat
  ARGV[2] silence in ms after which an executor is dead
  ARGV[3] prefix of the keys `<prefix><executor>` (zset) of due times

  Returns how many runs changed hands. A dead executor that wakes up finds nothing of its own left, and records anew.
]]
local now = redis.call('TIME')
local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('ZADD', KEYS[2], now_ms, ARGV[1])

-- A heartbeat that is still to come is one from before the clock was set back: silence counts from now.
for _, executor in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. now_ms, '+inf')) do
  redis.call('ZADD', KEYS[2], now_ms, executor)
end

local adopted = 0
for _, dead in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now_ms - ARGV[2])) do
  if dead ~= ARGV[1] then
    local due = redis.call('ZRANGE', ARGV[3] .. dead, 0, -1, 'WITHSCORES')
    for i = 1, #due, 2 do
      redis.call('ZADD', ARGV[3] .. ARGV[1], due[i + 1], due[i])
      redis.call('HSET', KEYS[1], due[i], ARGV[1])
      adopted = adopted + 1
    end
    redis.call('DEL', ARGV[3] .. dead)
    redis.call('ZREM', KEYS[2], dead)
  end
end
return adopted
