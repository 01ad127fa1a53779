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
  return {'held', held, redis.call('PTTL', KEYS[1])}
end
local epoch = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], epoch .. ' ' .. ARGV[1], 'PX', ARGV[2])
return {'acquired', epoch}
