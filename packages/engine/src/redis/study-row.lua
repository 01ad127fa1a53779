--[[
  Keeps the row of a piece, once, while its study runs.

  KEYS[1] record  (hash)  of the study
  KEYS[2] rows    (hash)  piece -> row (JSON)

  ARGV[1] piece
  ARGV[2] row (JSON)

  Returns how many rows there are, or -1 where the study does not run: then nothing was kept.
]]
if redis.call('HGET', KEYS[1], 'state') ~= 'running' then
  return -1
end
redis.call('HSETNX', KEYS[2], ARGV[1], ARGV[2])
return redis.call('HLEN', KEYS[2])
