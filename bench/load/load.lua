-- Requests for wrk: wrk -s load.lua URL -- CALL USERS PREFIX, see order.ts. One thread, so one counter.

local COUNTED = 8 -- digits of an order number that are counted; PREFIX stands before them, the check digit behind
local HEAD = "%s %s HTTP/1.1\r\nHost: bench\r\n%s\r\n"

local call, prefix, prefix_sum
local heads = {}
local count = 0

-- Luhn's sum of the digits of n, the last of them doubled
local function luhn(n, digits)
  local sum, double = 0, true
  for _ = 1, digits do
    local digit = n % 10
    n = (n - digit) / 10
    if double then
      digit = digit * 2
      if digit > 9 then digit = digit - 9 end
    end
    sum = sum + digit
    double = not double
  end
  return sum
end

local function order_number()
  count = count + 1
  local check = (10 - (prefix_sum + luhn(count, COUNTED)) % 10) % 10
  return string.format("%s%08d%d", prefix, count, check)
end

local function bearer(token, rest)
  return "Authorization: Bearer " .. token .. "\r\n" .. (rest or "")
end

local NUMBER = #"4000001" + COUNTED + 1
local JSON = "Content-Type: application/json\r\nContent-Length: %d\r\n"

local calls = {
  balance = {
    head = function(_, token) return HEAD:format("GET", "/api/user/balance", bearer(token)) end,
  },
  orders = {
    head = function(_, token) return HEAD:format("GET", "/api/user/orders", bearer(token)) end,
  },
  withdrawals = {
    head = function(_, token) return HEAD:format("GET", "/api/user/withdrawals", bearer(token)) end,
  },
  upload = {
    head = function(_, token)
      return HEAD:format("POST", "/api/user/orders", bearer(token, "Content-Type: text/plain\r\nContent-Length: " .. NUMBER .. "\r\n"))
    end,
    body = order_number,
  },
  withdraw = {
    head = function(_, token)
      return HEAD:format("POST", "/api/user/balance/withdraw", bearer(token, JSON:format(#'{"order":"","sum":0.01}' + NUMBER)))
    end,
    body = function() return '{"order":"' .. order_number() .. '","sum":0.01}' end,
  },
  login = {
    head = function(login)
      local body = '{"login":"' .. login .. '","password":"' .. PASSWORD .. '"}'
      return HEAD:format("POST", "/api/user/login", JSON:format(#body)) .. body
    end,
  },
  register = {
    head = function()
      local length = #'{"login":"","password":""}' + NUMBER + #PASSWORD
      return HEAD:format("POST", "/api/user/register", JSON:format(length))
    end,
    body = function() return '{"login":"' .. order_number() .. '","password":"' .. PASSWORD .. '"}' end,
  },
}
local MIX = { "balance", "orders", "balance", "upload" }

function init(args)
  call, prefix = args[1], args[3]
  PASSWORD = args[4]
  prefix_sum = luhn(tonumber(prefix), #prefix)
  local names = call == "mix" and MIX or { call }
  for turn, name in ipairs(names) do
    heads[turn] = { body = calls[name].body, count = 0 }
    for line in io.lines(args[2]) do
      local login, token = line:match("^(%S+) (%S+)$")
      heads[turn].count = heads[turn].count + 1
      heads[turn][heads[turn].count] = calls[name].head(login, token)
    end
  end
end

local turn = 0

function request()
  turn = turn % #heads + 1
  local kind = heads[turn]
  local head = kind[math.random(kind.count)]
  return kind.body and head .. kind.body() or head
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
