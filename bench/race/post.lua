-- Sends the requests of a file, one after the other and again from the first: wrk's side of the race.
-- REQUESTS names the file, whole HTTP requests with a NUL between; OFFSET says how many to pass over.

local requests, at = {}, tonumber(os.getenv("OFFSET"))

function init(args)
  local file = io.open(os.getenv("REQUESTS"), "rb")
  for request in file:read("*a"):gmatch("[^%z]+") do
    requests[#requests + 1] = request
  end
  file:close()
end

function request()
  at = at + 1
  return requests[(at - 1) % #requests + 1]
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"us":%d,"bytes":%d,"p50":%.3f,"p99":%.3f,"errors":%d}\n',
    summary.requests, summary.duration, summary.bytes,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
