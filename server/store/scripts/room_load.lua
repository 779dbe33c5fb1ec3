-- Read the whole room at one instant, for a replica, with the epoch in which that is true. Changes no room.
-- args: epoch_offer
-- Returns {now_ms, seq, room, people, invitations, applications, epoch, crowd, resized_seq, guest links}; people to
-- applications and guest links as flat lists of id, record.
return {whole(now_ms), redis.call('HGET', room_key, 'seq'), redis.call('HGET', room_key, 'doc'),
  redis.call('HGETALL', people_key), redis.call('HGETALL', invitations_key), redis.call('HGETALL', applications_key),
  epoch_of(epoch_key, args.epoch_offer), redis.call('HGET', room_key, 'crowd'), redis.call('HGET', room_key, 'resized_seq'),
  redis.call('HGETALL', guest_links_key)}
