--[[
  Gives out sequence numbers to requests that came together, in their order; one number for each idempotency key, also where
  two of them bring the same.

  KEYS[1]      intake  (string)         last sequence number given out
  KEYS[1 + i]  record  (hash, expires)  of the i-th request's key: seq, body, at_ms, later response; ignored where it has none

  ARGV[1]          life of records in ms
  ARGV[2]          prefix of the keys `<prefix><seq>` (string, expires) that tell of an accepted job until the ledger has it
  ARGV[3]          life of those in ms
  ARGV[2 + 2 i]    hash of the i-th request; empty: it came without a key
  ARGV[3 + 2 i]    what may be told of its job, as JSON; empty: nothing

  Returns for each request
    {'reserved', seq}
    {'replay', seq, response}
    {'pending', seq, age in ms}
    {'mismatch'}
]]
local now = redis.call('TIME')
local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)

local function reserve(record_key, body, accepted)
  if body ~= '' then
    local record = redis.call('HMGET', record_key, 'seq', 'body', 'at_ms', 'response')
    if record[1] then
      if record[2] ~= body then
        return {'mismatch'}
      end
      if record[4] then
        return {'replay', record[1], record[4]}
      end
      return {'pending', record[1], string.format('%.0f', now_ms - tonumber(record[3]))}
    end
  end

  local seq = string.format('%.0f', redis.call('INCR', KEYS[1]))
  if body ~= '' then
    redis.call('HSET', record_key, 'seq', seq, 'body', body, 'at_ms', string.format('%.0f', now_ms))
    redis.call('PEXPIRE', record_key, ARGV[1])
  end
  if accepted ~= '' then
    redis.call('SET', ARGV[2] .. seq, accepted, 'PX', ARGV[3])
  end
  return {'reserved', seq}
end

local replies = {}
for i = 1, #KEYS - 1 do
  replies[i] = reserve(KEYS[1 + i], ARGV[2 + 2 * i], ARGV[3 + 2 * i])
end
return replies
