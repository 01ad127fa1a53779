--[[
  Ends a study that runs.

  KEYS[1] record  (hash)  of the study
  KEYS[2] rows    (hash)  piece -> row (JSON)

  ARGV[1] state: completed, failed or cancelled
  ARGV[2] why it failed, or nothing
  ARGV[3] ms after which it is forgotten

  Returns 1, or 0 where it does not run.
]]
if redis.call('HGET', KEYS[1], 'state') ~= 'running' then
  return 0
end
redis.call('HSET', KEYS[1], 'state', ARGV[1], 'sentence', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 1
