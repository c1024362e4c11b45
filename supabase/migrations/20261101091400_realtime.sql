-- Who may listen where: a shop's members to its pokes, and to each other's presence, on which they also show themselves.
-- Nobody but the database pokes. Realtime asks with `realtime.topic()` set, so nothing else of a message is looked at.

create policy counterpart_listen on realtime.messages for select to authenticated
  using (
    extension in ('broadcast', 'presence')
    and realtime.topic() in (
      select 'shop:' || shop from unnest((select counterpart.my_shops())::uuid[]) as shop
      union all
      select 'presence:' || shop from unnest((select counterpart.my_shops())::uuid[]) as shop));

create policy counterpart_show on realtime.messages for insert to authenticated
  with check (
    extension = 'presence'
    and realtime.topic() in (
      select 'presence:' || shop from unnest((select counterpart.my_shops())::uuid[]) as shop));
