--[[
  Extends or gives up the lease, if it is still the caller's.

  KEYS[1] lease  (string, expires)  `<epoch> <owner>`

  ARGV[1] epoch of the caller
  ARGV[2] new time to live in ms; 0 gives the lease up

  Returns 1, or 0 where the lease has expired or belongs to another epoch.
]]
local held = redis.call('GET', KEYS[1])
if not held or string.match(held, '^%d+') ~= ARGV[1] then
  return 0
end
if ARGV[2] == '0' then
  redis.call('DEL', KEYS[1])
else
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 1
