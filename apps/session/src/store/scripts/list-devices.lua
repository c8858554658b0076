-- Lists the devices that named themselves at a sign-in.
-- Returns hash, second of the last sign-in, hash, ...
local devices, flat = {}, redis.call('HGETALL', user_key)
for i = 1, #flat, 2 do
  if string.sub(flat[i], 1, 2) == 'd:' then
    devices[#devices + 1] = string.sub(flat[i], 3)
    devices[#devices + 1] = flat[i + 1]
  end
end
return answer(unpack(devices))
