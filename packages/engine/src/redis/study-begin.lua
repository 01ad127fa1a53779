--[[
  Keeps a study that somebody has asked for, or lets one go on that had stopped.

  KEYS[1] record  (hash)  study (JSON), askedBy, askedAtMs, state, sentence
  KEYS[2] rows    (hash)  piece -> row (JSON)
  KEYS[3] index   (zset)  ids of studies by askedAtMs

  ARGV[1] id
  ARGV[2] study (JSON)
  ARGV[3] who asks
  ARGV[4] wall time in ms

  Returns 1 where it is new, 2 where it had failed or was cancelled and runs again, 0 where it runs or is complete.
]]
local state = redis.call('HGET', KEYS[1], 'state')
if state == 'running' or state == 'completed' then
  return 0
end
if state then
  redis.call('HSET', KEYS[1], 'state', 'running', 'sentence', '')
  redis.call('PERSIST', KEYS[1])
  redis.call('PERSIST', KEYS[2])
  return 2
end
redis.call('HSET', KEYS[1], 'study', ARGV[2], 'askedBy', ARGV[3], 'askedAtMs', ARGV[4], 'state', 'running', 'sentence', '')
redis.call('ZADD', KEYS[3], ARGV[4], ARGV[1])
return 1
