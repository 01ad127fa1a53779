--[[
  Appends one entry to the ledger if the writer is still leader and knows where the ledger ends.

  KEYS[1] epoch   (string)  newest epoch, raised by lease-acquire
  KEYS[2] ledger  (stream)  entries `<revision>-0`

  ARGV[1] epoch of the writer
  ARGV[2] revision of the entry
  ARGV[3] nonce
  ARGV[4] sha of the entry before, as the writer knows it
  ARGV[5] sha of the entry
  ARGV[6] body

  Returns
    {'appended'}                 also when the newest entry is this very one: a repeated attempt
    {'fenced', newest epoch}
    {'conflict', last revision}  the ledger ends elsewhere, or with another entry than the writer knows

  Redis accepts explicit ids with gaps, so the id alone would not stop a writer that missed an entry: hence the check.
  XADD is the only write, so a script that fails has changed nothing.
]]
local newest = redis.call('GET', KEYS[1])
if newest ~= ARGV[1] then
  return {'fenced', newest or '0'}
end

local last_revision, last_nonce, last_sha = 0, '', string.rep('0', 64)
local last = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
if last then
  last_revision = tonumber(string.match(last[1], '^(%d+)-0$'))
  local fields = last[2]
  for i = 1, #fields, 2 do
    if fields[i] == 'nonce' then last_nonce = fields[i + 1] end
    if fields[i] == 'sha' then last_sha = fields[i + 1] end
  end
end

local revision = tonumber(ARGV[2])
if last_revision == revision and last_nonce == ARGV[3] and last_sha == ARGV[5] then
  return {'appended'}
end
if last_revision ~= revision - 1 or last_sha ~= ARGV[4] then
  return {'conflict', string.format('%d', last_revision)}
end

redis.call('XADD', KEYS[2], ARGV[2] .. '-0',
  'v', '1', 'epoch', ARGV[1], 'nonce', ARGV[3], 'prev', ARGV[4], 'sha', ARGV[5], 'body', ARGV[6])
return {'appended'}
