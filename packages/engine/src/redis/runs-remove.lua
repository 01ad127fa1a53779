--[[
  Forgets runs, whoever owns them.

  KEYS[1] bodies  (hash)    as in runs-record
  KEYS[2] owners  (hash)
  KEYS[3] epoch   (string)  newest epoch

  ARGV[1] prefix of the keys `<prefix><executor>` (zset) of due times
  ARGV[2] epoch of the caller: with an older one nothing is forgotten; '' where the runs are known to be over
  ARGV[3..] fields
]]
if ARGV[2] ~= '' and redis.call('GET', KEYS[3]) ~= ARGV[2] then
  return
end
for i = 3, #ARGV do
  local owner = redis.call('HGET', KEYS[2], ARGV[i])
  if owner then
    redis.call('ZREM', ARGV[1] .. owner, ARGV[i])
    redis.call('HDEL', KEYS[2], ARGV[i])
    redis.call('HDEL', KEYS[1], ARGV[i])
  end
end
