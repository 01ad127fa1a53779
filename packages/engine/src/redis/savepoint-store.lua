--[[
  Keeps a savepoint, unless one of the same or a later revision is there.

  KEYS[1] savepoint  (hash)  revision, sha, bytes, checksum

  ARGV[1] revision
  ARGV[2] sha of the ledger entry it was taken after
  ARGV[3] bytes
  ARGV[4] checksum over the three

  Returns 1, or 0 where a newer one stays.
]]
local revision = tonumber(redis.call('HGET', KEYS[1], 'revision') or '-1')
if revision >= tonumber(ARGV[1]) then
  return 0
end
redis.call('HSET', KEYS[1], 'revision', ARGV[1], 'sha', ARGV[2], 'bytes', ARGV[3], 'checksum', ARGV[4])
return 1
