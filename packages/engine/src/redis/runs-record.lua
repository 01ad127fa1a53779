--[[
  Records runs as an executor's, each (job, attempt) once.

  KEYS[1] bodies     (hash)  `<job>:<attempt>` -> checksum, a blank, run as JSON
  KEYS[2] owners     (hash)  `<job>:<attempt>` -> executor that plays it
  KEYS[3] due        (zset)  of this executor: `<job>:<attempt>` by due center time
  KEYS[4] executors  (zset)  executors by their last heartbeat, in ms of Redis's clock

  ARGV[1] executor
  ARGV[2..] for each run: field, due time, JSON

  Returns how many were new. What is already recorded keeps its owner: its message was delivered again.
]]
local now = redis.call('TIME')
redis.call('ZADD', KEYS[4], now[1] * 1000 + math.floor(now[2] / 1000), ARGV[1])
local recorded = 0
for i = 2, #ARGV, 3 do
  if redis.call('HSETNX', KEYS[1], ARGV[i], ARGV[i + 2]) == 1 then
    redis.call('HSET', KEYS[2], ARGV[i], ARGV[1])
    redis.call('ZADD', KEYS[3], ARGV[i + 1], ARGV[i])
    recorded = recorded + 1
  end
end
return recorded
