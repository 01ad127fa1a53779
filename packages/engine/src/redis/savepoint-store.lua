--[[
  Makes the parts of a savepoint the newest one, unless one of the same or a later revision is there.

  KEYS[1] savepoint  (hash)  revision, sha, checksum, parts
  KEYS[2] parts      (list, expires)  of the bytes, in order, as they have been sent before

  ARGV[1] revision
  ARGV[2] sha of the ledger entry it was taken after
  ARGV[3] checksum over revision, sha and bytes
  ARGV[4] how many parts there are
  ARGV[5] name of KEYS[2] for the hash

  Returns 1; 0 where a newer one stays; -1 where parts are missing. The parts that are of no more use go.
]]
if redis.call('LLEN', KEYS[2]) ~= tonumber(ARGV[4]) then
  redis.call('UNLINK', KEYS[2])
  return -1
end
local former = redis.call('HMGET', KEYS[1], 'revision', 'parts')
if former[1] and tonumber(former[1]) >= tonumber(ARGV[1]) then
  redis.call('UNLINK', KEYS[2])
  return 0
end
redis.call('HSET', KEYS[1], 'revision', ARGV[1], 'sha', ARGV[2], 'checksum', ARGV[3], 'parts', ARGV[5])
redis.call('PERSIST', KEYS[2])
if former[2] then
  redis.call('UNLINK', former[2])
end
return 1
