-- One bearer token after another, each request made before the clock runs. Argument: a file with one token a line.
local requests, place = {}, 0

function init(arguments)
  for token in io.lines(arguments[1]) do
    wrk.headers['authorization'] = 'Bearer ' .. token
    requests[#requests + 1] = wrk.format('GET')
  end
end

function request()
  place = place % #requests + 1
  return requests[place]
end
