-- Devices, and what a shop keeps apart: sessions, codes and numbers that nobody else gets, shared tablets, the key to the
-- passcodes, and how shops, people and devices stand.

-- A, B … Z, AA, AB …: as a person would count columns.
create function counterpart.letters(number bigint) returns text
language sql immutable strict as $$
  with recursive places as (
    select (number - 1) / 26 as rest, chr(65 + ((number - 1) % 26)::integer) as code
    union all
    select (rest - 1) / 26, chr(65 + ((rest - 1) % 26)::integer) || code from places where rest > 0)
  select code from places where rest = 0 $$;

-- A hundred numbers that nobody else gets.
create function counterpart.lease(shop uuid) returns json
language sql security definer set search_path = '' as $$
  update counterpart.heads as h set next_number = h.next_number + 100 where h.shop_id = shop
  returning json_build_array(h.next_number - 100, h.next_number - 1) $$;

-- The generation that a device's new session has; nothing where its file is a copy of another's.
create function counterpart.next_generation(d counterpart.devices, account text, generation bigint, attempt text) returns bigint
language sql immutable as $$
  select case
    when d.device is null then generation + 1
    when d.account::text <> next_generation.account then null
    when d.generation = next_generation.generation then d.generation + 1
    -- The answer to this very attempt never arrived.
    when d.generation = next_generation.generation + 1 and d.attempt = next_generation.attempt then d.generation
    -- Sessions that it began since the backup are not known here.
    when d.restored and d.generation < next_generation.generation then next_generation.generation + 1
  end $$;

-- A device begins a session. A generation that is not the one it was given last means a copy of its file: it has to come
-- back under a new identity.
create function public.device_open(jsonb) returns json
language plpgsql security definer set search_path = '' as $$
declare
  request alias for $1;
  shop uuid := counterpart.shop_of(request);
  install text := counterpart.id_of(request, 'device');
  attempt text := counterpart.id_of(request, 'attempt');
  left_over bigint := counterpart.number_of(request, 'numbers_left', -9223372036854775807);
  member counterpart.member := counterpart.member_of(shop);
  known counterpart.devices;
  next_one bigint;
begin
  if not counterpart.lock_or_yield(shop) then
    return json_build_object('busy', true, 'retry_after_ms', 300);
  end if;
  select * into known from counterpart.devices as d where d.shop_id = shop and d.device = install;
  next_one := counterpart.next_generation(known, member.account, counterpart.number_of(request, 'generation'), attempt);
  if next_one is null then
    perform counterpart.refuse_request('no_session');
  elsif known.code is null then
    update counterpart.heads as h set next_code = h.next_code + 1 where h.shop_id = shop
    returning counterpart.letters(h.next_code - 1) into known.code;
  end if;
  insert into counterpart.devices (shop_id, device, account, generation, attempt, code, seen_at)
  values (shop, install, member.account::uuid, next_one, attempt, known.code, clock_timestamp())
  on conflict (shop_id, device) do update set
    generation = excluded.generation, attempt = excluded.attempt, seen_at = excluded.seen_at, restored = false;
  return json_build_object(
    'attempt', attempt, 'generation', next_one, 'code', known.code, 'epoch', (counterpart.head_of(shop)).epoch,
    'lease', case when left_over < 20 then counterpart.lease(shop) end,
    'now', counterpart.ms(clock_timestamp()), 'standing', counterpart.standing_of(member));
end $$;

-- A block of numbers for a device that runs low.
create function public.lease_numbers(jsonb) returns json
language plpgsql security definer set search_path = '' as $$
declare
  request alias for $1;
  shop uuid := counterpart.shop_of(request);
begin
  if not counterpart.has_session(shop, counterpart.text_of(request, 'device'), (counterpart.member_of(shop)).account,
                                 counterpart.number_of(request, 'generation')) then
    perform counterpart.refuse_request('no_session');
  elsif not counterpart.lock_or_yield(shop) then
    return json_build_object('busy', true, 'retry_after_ms', 300);
  end if;
  return json_build_object('lease', counterpart.lease(shop));
end $$;

-- How a shop's devices stood when they were last heard of.
create function counterpart.devices_of(shop uuid) returns json
language sql stable security definer set search_path = '' as $$
  select coalesce(json_agg(json_build_object('device', d.device, 'code', d.code, 'employee', e.id, 'unsent', d.unsent,
                                             'seen_at', counterpart.ms(d.seen_at)) order by d.device), '[]')
  from counterpart.devices as d
  left join public.employees as e on e.shop_id = d.shop_id and e.id = d.account::text
  where d.shop_id = shop $$;

create function public.sync_standing(jsonb) returns json
language sql stable set search_path = '' as $$
  select json_build_object('devices', counterpart.devices_of(counterpart.shop_of($1))) $$;

-- What happened to a row, newest first, for those who manage the shop; so many entries before a commit, but for the
-- commit that the page ends with, which comes whole. Policies decide which shops' trail somebody sees.
create function public.sync_trail(jsonb) returns json
language plpgsql stable set search_path = '' as $$
declare
  request alias for $1;
  shop uuid := counterpart.shop_of(request);
  named text := counterpart.text_of(request, 'table');
  row_id text := counterpart.text_of(request, 'id');
  before bigint := case when nullif(request -> 'before', 'null') is null then 9223372036854775807
                        else counterpart.number_of(request, 'before') end;
  many bigint := least(greatest(counterpart.number_of(request, 'limit'), 1), 500);
  t counterpart.tables;
  edge bigint;
begin
  select * into t from counterpart.tables as k where k.name = named;
  if t.name is null then
    perform counterpart.refuse_request('malformed');
  elsif t.secret or t.readers = 'stations_and_own' or not shop = any (counterpart.managed_shops()) then
    perform counterpart.refuse_request('denied');
  end if;
  select min(newest.n) into edge from (
    select a.n from public.audit as a
    where a.shop_id = shop and a.id = row_id and a.tbl = named and a.n < before
    order by a.n desc limit many) as newest;
  return json_build_object(
    'entries', (
      select coalesce(json_agg(json_build_object('n', a.n, 'at', counterpart.ms(a.at), 'field', a.field, 'was', a.was,
                                                 'became', a.became, 'kept', a.kept, 'actor', a.actor, 'device', a.device)
                               order by a.n desc, a.at desc, a.field, a.part desc), '[]')
      from public.audit as a
      where a.shop_id = shop and a.id = row_id and a.tbl = named and a.n < before and a.n >= edge),
    'next', case when exists (select from public.audit as a
                              where a.shop_id = shop and a.id = row_id and a.tbl = named and a.n < edge) then edge end);
end $$;

-- Where the account works. One that works nowhere any more is told so by an empty list.
create function public.my_shops() returns json
language plpgsql stable security definer set search_path = '' as $$
begin
  if counterpart.account() is null then
    perform counterpart.refuse_request('denied');
  end if;
  return json_build_object('shops', (
    select coalesce(json_agg(json_build_object('id', s.id, 'name', s.name,
                             'standing', counterpart.standing_of(counterpart.member_of(s.id))) order by s.id), '[]')
    from public.shops as s
    where s.id = any (counterpart.my_shops()) and (counterpart.member_of(s.id)).account is not null));
end $$;

-- Every shop that the caller manages: its people, its devices, what waits for a decision.
create function public.shop_overview() returns json
language plpgsql stable security definer set search_path = '' as $$
begin
  if counterpart.account() is null then
    perform counterpart.refuse_request('denied');
  end if;
  return json_build_object('shops', (
    select coalesce(json_agg(json_build_object(
      'shop', s.id, 'name', s.name, 'devices', counterpart.devices_of(s.id),
      'members', (select json_agg(json_build_object('account', m.account, 'email', m.email, 'role', m.role,
                                                    'station', m.station, 'active', m.active) order by m.account)
                  from public.members as m where m.shop_id = s.id),
      'open_conflicts', (select count(*) from public.conflicts as c
                         where c.shop_id = s.id and c.open and c.deleted_at is null)) order by s.id), '[]')
    from public.shops as s where s.id = any (counterpart.managed_shops())));
end $$;

-- The key that wraps the keys of passcodes. Every role takes devices in, and a shared tablet holds it for those who work
-- at it.
create function public.shop_key(jsonb) returns json
language plpgsql stable security definer set search_path = '' as $$
declare
  shop uuid := counterpart.shop_of($1);
begin
  return (select json_build_object('key', encode(k.key, 'base64')) from counterpart.shop_keys as k where k.shop_id = shop);
end $$;

-- Shared tablets. PostgreSQL cannot work a PIN's verifier out (it is Argon2id): whoever can, the hub or a function beside
-- the database, asks with the service key. A try is counted before anybody looks whether it is right.

-- How many seconds that many wrong PINs lock.
create function counterpart.locked_after(failures bigint) returns integer
language sql immutable as $$
  select case when failures < 5 then 0
    else (array[30, 60, 300, 900, 3600])[least(failures - 4, 5)] end $$;

-- Counts a try at a PIN: for how long none is heard, or what to hold it against and for how long a wrong one locks.
create function public.station_try(jsonb) returns json
language plpgsql security definer set search_path = '' as $$
declare
  request alias for $1;
  shop uuid := counterpart.text_of(request, 'shop');
  tablet text := counterpart.text_of(request, 'account');
  person text := counterpart.id_of(request, 'employee');
  guard counterpart.pin_guard;
begin
  if not exists (select from public.members as m where m.shop_id = shop and m.account::text = tablet and m.active) then
    perform counterpart.refuse_request('no_shop');
  elsif not exists (select from public.members as m where m.shop_id = shop and m.account::text = tablet and m.station) then
    perform counterpart.refuse_request('denied');
  elsif not counterpart.has_session(shop, counterpart.text_of(request, 'device'), tablet, null) then
    perform counterpart.refuse_request('no_session');
  end if;
  delete from counterpart.pin_guard as g where g.shop_id = shop and g.since < clock_timestamp() - interval '7 days';
  insert into counterpart.pin_guard as g (shop_id, employee, failures, locked_until, since)
  values (shop, person, 1, clock_timestamp(), clock_timestamp())
  on conflict (shop_id, employee) do update set
    failures = g.failures + 1, since = clock_timestamp(),
    locked_until = clock_timestamp() + interval '1 second' * counterpart.locked_after(g.failures + 1)
    where g.locked_until <= clock_timestamp()
  returning * into guard;
  if guard.failures is null then
    return (select json_build_object('locked_seconds', ceil(extract(epoch from g.locked_until - clock_timestamp())))
            from counterpart.pin_guard as g where g.shop_id = shop and g.employee = person);
  end if;
  return json_build_object(
    'locked_seconds', 0, 'locks_seconds', counterpart.locked_after(guard.failures),
    'role', (select case when e.role = 'front_desk' then e.role else 'technician' end from public.employees as e
             where e.shop_id = shop and e.id = person and e.active and e.deleted_at is null),
    'verifier', (select p.verifier from public.employee_pins as p
                 where p.shop_id = shop and p.employee_id = person and p.deleted_at is null
                 order by p.stamp desc, p.id desc limit 1));
end $$;

-- The PIN was right: operations of that device may name that person from now on.
create function public.station_granted(jsonb) returns json
language plpgsql security definer set search_path = '' as $$
declare
  request alias for $1;
  shop uuid := counterpart.text_of(request, 'shop');
  install text := counterpart.text_of(request, 'device');
  person text := counterpart.id_of(request, 'employee');
begin
  delete from counterpart.pin_guard as g where g.shop_id = shop and g.employee = person;
  insert into counterpart.grants (shop_id, device, employee, at) values (shop, install, person, clock_timestamp())
  on conflict (shop_id, device, employee) do update set at = excluded.at;
  return json_build_object('granted', true);
end $$;

-- Shops and people are made by whoever holds the service key, or in SQL.

-- Founds a shop, with its settings.
create function public.found_shop(name text, time_zone text default 'UTC', currency text default 'EUR',
                                  shop uuid default gen_random_uuid()) returns uuid
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.shops (id, name) values (shop, found_shop.name);
  perform counterpart.lock_heads(array[shop]);
  insert into public.shop_settings (shop_id, id, name, time_zone, currency)
  values (shop, shop::text, found_shop.name, found_shop.time_zone, found_shop.currency);
  return shop;
end $$;

-- Takes an account into a shop, or in again: its membership and, unless it is a shared tablet, its employee's row.
create function public.take_in(shop uuid, account uuid, email text, role text, station boolean default false,
                               first_name text default null, last_name text default null) returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.members (shop_id, account, email, role, station) values (shop, account, email, role, station)
  on conflict on constraint members_pkey do update set
    email = excluded.email, role = excluded.role, station = excluded.station, active = true;
  if station then
    return;
  end if;
  perform counterpart.lock_heads(array[shop]);
  insert into public.employees (shop_id, id, first_name, last_name, email, role, active)
  values (shop, account::text, coalesce(first_name, case when last_name is null then split_part(email, '@', 1) end), last_name,
          case when counterpart.is_email(email) then email end, role, true)
  on conflict on constraint employees_pkey do update set role = excluded.role, active = true, deleted_at = null,
    first_name = coalesce(take_in.first_name, employees.first_name), last_name = coalesce(take_in.last_name, employees.last_name);
end $$;

-- After a backup was put back: another history, and numbers, codes and commits past anything that can have been given
-- out since.
create function public.begin_another_history() returns void
language plpgsql security definer set search_path = '' as $$
declare
  h counterpart.heads;
begin
  for h in select * from counterpart.heads order by shop_id for no key update loop
    update counterpart.heads as k set epoch = gen_random_uuid()::text, tag = gen_random_uuid()::text, head = k.head + 1000000,
      next_number = k.next_number + 100000, next_code = k.next_code + 1000
    where k.shop_id = h.shop_id;
    insert into counterpart.commits (shop_id, n, tag, at, device)
    select k.shop_id, k.head, k.tag, clock_timestamp(), '' from counterpart.heads as k where k.shop_id = h.shop_id;
    update counterpart.devices as d set restored = true where d.shop_id = h.shop_id;
  end loop;
end $$;

revoke execute on all functions in schema counterpart from public;
grant execute on all functions in schema counterpart to authenticated, service_role;
revoke execute on function public.device_open(jsonb), public.lease_numbers(jsonb), public.sync_standing(jsonb),
  public.sync_trail(jsonb), public.my_shops(), public.shop_overview(), public.shop_key(jsonb), public.station_try(jsonb), public.station_granted(jsonb),
  public.found_shop(text, text, text, uuid), public.take_in(uuid, uuid, text, text, boolean, text, text), public.begin_another_history()
  from public, anon, authenticated;
grant execute on function public.device_open(jsonb), public.lease_numbers(jsonb), public.sync_standing(jsonb),
  public.sync_trail(jsonb), public.my_shops(), public.shop_overview(), public.shop_key(jsonb) to authenticated;
grant execute on function public.station_try(jsonb), public.station_granted(jsonb), public.found_shop(text, text, text, uuid),
  public.take_in(uuid, uuid, text, text, boolean, text, text), public.begin_another_history() to service_role;

-- PostgREST reads its functions anew.
notify pgrst, 'reload schema';
