-- Read the whole room at one instant, for a replica. Changes nothing.
-- args: none
-- Returns {now_ms, seq, room, people, invitations, applications}, the last three as flat lists of id, record.
return {whole(now_ms), redis.call('HGET', room_key, 'seq'), redis.call('HGET', room_key, 'doc'),
  redis.call('HGETALL', people_key), redis.call('HGETALL', invitations_key), redis.call('HGETALL', applications_key)}
