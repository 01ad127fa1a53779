--[[
  Lists every recorded run without its body.

  KEYS[1] owners  (hash)  as in runs-record
  ARGV[1] prefix of the keys `<prefix><executor>` (zset) of due times

  Returns {field, owner, due time, ...}
]]
local owners = redis.call('HGETALL', KEYS[1])
local listed = {}
for i = 1, #owners, 2 do
  listed[#listed + 1] = owners[i]
  listed[#listed + 1] = owners[i + 1]
  listed[#listed + 1] = redis.call('ZSCORE', ARGV[1] .. owners[i + 1], owners[i])
end
return listed
