--[[
  Puts messages that other consumers hold back to the front of a BullMQ queue, at once, in the order in which they had
  been waiting; BullMQ's own recovery would wait for their locks to expire and then for two passes of its stall check.

  A message in `active` is held by the worker whose id begins its lock. It leaves `active` together with its lock: the
  former holder can neither complete nor fail what is not in `active`, and its next renewal tells it so.

  KEYS[1] active   (list)    newest first
  KEYS[2] wait     (list)    next one last
  KEYS[3] stalled  (set)     what the stall check has marked
  KEYS[4] marker   (zset)    wakes a waiting worker
  KEYS[5] epoch    (string)  newest epoch
  KEYS[6] check    (string, expires)  while it lives BullMQ makes no stall check

  ARGV[1] prefix of message keys, `<prefix><message id>` with its lock at `…:lock`
  ARGV[2] whose messages to take
            'all'      everybody's, also those without a lock: before the caller's own worker starts
            'foreign'  those locked by anybody but worker ARGV[3]
            'own'      those locked by worker ARGV[3], which has stopped
  ARGV[3] id of a worker, or ''
  ARGV[4] epoch of the caller; '' for 'own', where the lock itself is the proof
  ARGV[5] life of a lock in ms
  ARGV[6] life of KEYS[6] in ms

  A lock, or KEYS[6], that would live longer than it was made for has had its clock set back, and is cut down to that.

  Returns how many were put back, or -1 where a newer epoch exists.
]]
if ARGV[4] ~= '' and redis.call('GET', KEYS[5]) ~= ARGV[4] then
  return -1
end

if redis.call('PTTL', KEYS[6]) > tonumber(ARGV[6]) then
  redis.call('PEXPIRE', KEYS[6], ARGV[6])
end

local own = ARGV[3] .. ':'
local taken = 0
for _, id in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  local lock_key = ARGV[1] .. id .. ':lock'
  local lock = redis.call('GET', lock_key)
  local is_own = lock and string.sub(lock, 1, #own) == own
  if ARGV[2] == 'all' or (ARGV[2] == 'foreign' and lock and not is_own) or (ARGV[2] == 'own' and is_own) then
    -- Each goes behind the ones already put back, newest first, so that the oldest is the next to be fetched.
    redis.call('RPUSH', KEYS[2], id)
    redis.call('LREM', KEYS[1], 1, id)
    redis.call('DEL', lock_key)
    redis.call('SREM', KEYS[3], id)
    taken = taken + 1
  elseif lock and redis.call('PTTL', lock_key) > tonumber(ARGV[5]) then
    redis.call('PEXPIRE', lock_key, ARGV[5])
  end
end
if taken > 0 then
  redis.call('ZADD', KEYS[4], 0, '0')
end
return taken
