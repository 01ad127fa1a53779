--[[
  Takes the lease if it is free and raises the epoch in the same step, so that no instant exists in which a new leader
  holds the lease while writes of the old one are still accepted.

  KEYS[1] lease  (string, expires)  `<epoch> <owner>`
  KEYS[2] epoch  (string)           newest epoch, never lowered

  ARGV[1] owner
  ARGV[2] time to live in ms

  Returns
    {'acquired', epoch}
    {'held', lease value, remaining ms}
]]
local held = redis.call('GET', KEYS[1])
if held then
  local remaining_ms = redis.call('PTTL', KEYS[1])
  -- Redis keeps the moment at which a key expires, and its clock was set back: nobody waits longer than a lease lives.
  if remaining_ms > tonumber(ARGV[2]) then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
    remaining_ms = tonumber(ARGV[2])
  end
  return {'held', held, remaining_ms}
end
local epoch = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], epoch .. ' ' .. ARGV[1], 'PX', ARGV[2])
return {'acquired', epoch}
