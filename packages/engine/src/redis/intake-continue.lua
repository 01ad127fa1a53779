--[[
  Lets the intake go on after a number, if it is not beyond it already.

  KEYS[1] intake  (string)  last sequence number given out
  ARGV[1] number
]]
if tonumber(redis.call('GET', KEYS[1]) or '0') < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[1])
end
