-- Requests for wrk, which bench/load/wrk.ts has written down: wrk -s wrk.lua URL -- FILE. Kinds end
-- with \29; a kind is its heads and its bodies, each of which ends with \31, and \30 between them.

local kinds, turn = {}, 0

function init(args)
  local file = io.open(args[1], "rb")
  local text = file:read("*a")
  file:close()
  for kind in text:gmatch("([^\29]*)\29") do
    local heads, bodies = {}, {}
    local first, second = kind:match("^([^\30]*)\30([^\30]*)$")
    for head in first:gmatch("([^\31]*)\31") do heads[#heads + 1] = head end
    for body in second:gmatch("([^\31]*)\31") do bodies[#bodies + 1] = body end
    kinds[#kinds + 1] = { heads = heads, bodies = #bodies > 0 and bodies or nil, sent = 0 }
  end
end

function request()
  turn = turn % #kinds + 1
  local kind = kinds[turn]
  local head = kind.heads[math.random(#kind.heads)]
  if not kind.bodies then return head end
  kind.sent = kind.sent + 1
  return head .. (kind.bodies[kind.sent] or error("there are no bodies left"))
end

function done(summary, latency)
  local buckets = {}
  for i = 1, #latency do
    local microseconds, times = latency(i)
    buckets[i] = string.format("[%d,%d]", microseconds, times)
  end
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"microseconds":%d,"failures":{"not connected":%d,"broken while reading":%d,"broken while writing":%d,"status above 399":%d,"timed out":%d},"buckets":[%s]}\n',
    summary.requests, summary.duration, errors.connect, errors.read, errors.write, errors.status, errors.timeout, table.concat(buckets, ",")
  ))
end
