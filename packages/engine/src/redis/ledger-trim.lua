--[[
  Drops the oldest entries of the ledger, all that are asked for or none. What a new leader would read stays, whatever the caller believes:
  of savepoints that are lost with the power, only the store knows the newest.

  KEYS[1] ledger     (stream)  entries `<revision>-0`
  KEYS[2] savepoint  (hash)    revision: of the entry that the newest savepoint was taken after

  ARGV[1] revision of the oldest entry that is to stay

  Returns 1; 0 where nothing was dropped because the newest savepoint is older.
]]
local saved = tonumber(redis.call('HGET', KEYS[2], 'revision') or '0')
if tonumber(ARGV[1]) > saved then
  return 0
end
redis.call('XTRIM', KEYS[1], 'MINID', ARGV[1] .. '-0')
return 1
