-- Read a part of a room's log, with the epoch in which that is true. Changes no room.
-- args: after, upto, epoch_offer
-- Returns {epoch, entries as XRANGE gives them}.
return {epoch_of(epoch_key, args.epoch_offer),
  redis.call('XRANGE', room_log, whole(args.after + 1) .. '-0', whole(args.upto) .. '-0')}
