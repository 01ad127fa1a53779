--[[
  Forgets runs, whoever owns them.

  KEYS[1] bodies  (hash)  as in runs-record
  KEYS[2] owners  (hash)

  ARGV[1] prefix of the keys `<prefix><executor>` (zset) of due times
  ARGV[2..] fields
]]
for i = 2, #ARGV do
  local owner = redis.call('HGET', KEYS[2], ARGV[i])
  if owner then
    redis.call('ZREM', ARGV[1] .. owner, ARGV[i])
    redis.call('HDEL', KEYS[2], ARGV[i])
    redis.call('HDEL', KEYS[1], ARGV[i])
  end
end
