--[[
  Finds an executor's runs that are due. They stay recorded: an executor that dies now has lost nothing.

  KEYS[1] bodies  (hash)  as in runs-record
  KEYS[2] due     (zset)  of this executor

  ARGV[1] center time up to which runs are due
  ARGV[2] how many at most

  Returns {due time of the next run after these or '', field, body or nil, ...}, earliest first.
]]
local fields = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
local next_due = redis.call('ZRANGE', KEYS[2], #fields, #fields, 'WITHSCORES')
local found = {next_due[2] or ''}
for i = 1, #fields do
  found[2 * i] = fields[i]
  found[2 * i + 1] = redis.call('HGET', KEYS[1], fields[i])
end
return found
