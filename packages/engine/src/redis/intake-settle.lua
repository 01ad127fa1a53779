--[[
  Stores the response to a request, as long as its record lives; a record that has expired is not revived.

  KEYS[1] record  (hash, expires)  as written by intake-reserve
  ARGV[1] response as JSON

  Returns 1, or 0 where there is no record.
]]
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
redis.call('HSET', KEYS[1], 'response', ARGV[1])
return 1
