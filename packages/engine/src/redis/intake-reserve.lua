--[[
  Gives out the next sequence number, once for each idempotency key.

  KEYS[1] intake    (string)         last sequence number given out
  KEYS[2] record    (hash, expires)  of this key: seq, body, at_ms, later response; ignored where ARGV[1] is empty
  KEYS[3] server    (string)         run of the server that gave out the last number

  ARGV[1] hash of the request; empty: the request came without a key
  ARGV[2] life of the record in ms
  ARGV[3] what may be told of an accepted job until the ledger has it, as JSON; empty: nothing
  ARGV[4] prefix of the keys `<prefix><seq>` (string, expires) that hold it
  ARGV[5] life of those in ms
  ARGV[6] run of this server, where it may forget what it has answered; empty: it does not
  ARGV[7] how many numbers it may have forgotten

  Returns
    {'reserved', seq}
    {'replay', seq, response}
    {'pending', seq, age in ms}
    {'mismatch'}
]]
local now = redis.call('TIME')
local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)

if ARGV[1] ~= '' then
  local record = redis.call('HMGET', KEYS[2], 'seq', 'body', 'at_ms', 'response')
  if record[1] then
    if record[2] ~= ARGV[1] then
      return {'mismatch'}
    end
    if record[4] then
      return {'replay', record[1], record[4]}
    end
    return {'pending', record[1], string.format('%.0f', now_ms - tonumber(record[3]))}
  end
end

-- A forgotten number may be in use: a server that has started again goes on beyond all that it may have given out.
if ARGV[6] ~= '' and redis.call('GET', KEYS[3]) ~= ARGV[6] then
  if redis.call('EXISTS', KEYS[1]) == 1 then
    redis.call('INCRBY', KEYS[1], ARGV[7])
  end
  redis.call('SET', KEYS[3], ARGV[6])
end
local seq = string.format('%.0f', redis.call('INCR', KEYS[1]))
if ARGV[1] ~= '' then
  redis.call('HSET', KEYS[2], 'seq', seq, 'body', ARGV[1], 'at_ms', string.format('%.0f', now_ms))
  redis.call('PEXPIRE', KEYS[2], ARGV[2])
end
if ARGV[3] ~= '' then
  redis.call('SET', ARGV[4] .. seq, ARGV[3], 'PX', ARGV[5])
end
return {'reserved', seq}
