--[[
  Stores the responses to requests, each as long as its record lives; a record that has expired is not revived.

  KEYS[i]  record  (hash, expires)  as written by intake-reserve
  ARGV[i]  response as JSON

  Returns how many had a record.
]]
local stored = 0
for i, record in ipairs(KEYS) do
  if redis.call('EXISTS', record) == 1 then
    redis.call('HSET', record, 'response', ARGV[i])
    stored = stored + 1
  end
end
return stored
