-- What waits to be sent, oldest first: its age is watched. Changes of ARI are read from the outbox, not sent, so that no
-- booking pays for this index.
create index outbox_to_send on outbox (org_id, created_at) where published_at is null and kind <> 'ari.changed';
