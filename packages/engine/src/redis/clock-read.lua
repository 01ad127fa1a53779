--[[
  Reads center time together with its age, both by Redis's clock.

  KEYS[1] clock  (hash)  as written by clock-publish

  Returns {epoch, at_ms, speed, age in ms}, or nothing where no leader has published.
]]
local clock = redis.call('HMGET', KEYS[1], 'epoch', 'at_ms', 'speed', 'published_ms')
if not clock[1] then
  return nil
end
local now = redis.call('TIME')
local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)
return {clock[1], clock[2], clock[3], string.format('%.0f', now_ms - tonumber(clock[4]))}
