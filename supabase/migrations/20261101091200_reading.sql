-- Reading: what changed since a cursor, what a device may newly hold, and the doctor's question. Every function is
-- STABLE: all of an answer comes from one snapshot, so that no row is missing below the head that it names. Policies
-- decide which rows somebody sees.

create function counterpart.cursor_of(head counterpart.heads) returns json
language sql immutable as $$ select json_build_object('epoch', head.epoch, 'n', head.head, 'tag', head.tag) $$;

create function counterpart.standing_of(member counterpart.member) returns json
language sql immutable as $$
  select json_build_object('role', member.role, 'station', member.station, 'employee', member.employee) $$;

-- Whether the commit that a cursor names is one of this shop's. Nothing seen yet is of every history.
create function counterpart.is_of_this_history(head counterpart.heads, n bigint, epoch text, tag text) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return case when n = 0 then epoch in ('', head.epoch)
    else epoch = head.epoch and exists (
      select from counterpart.commits as c
      where c.shop_id = head.shop_id and c.n = is_of_this_history.n and c.tag = is_of_this_history.tag) end;
end $$;

-- A device's receipts since a commit. What stands in for an operation that never arrived names no content.
create function counterpart.receipts_since(shop uuid, install text, since bigint) returns json
language sql stable security definer set search_path = '' as $$
  select coalesce(json_agg(counterpart.receipt_json(r) order by r.n, r.op), '[]')
  from counterpart.receipts as r where r.shop_id = shop and r.device = install and r.n > since and r.hash <> '' $$;

-- Verifiers of PINs for whoever they travel to: shared tablets, and everybody their own.
create function counterpart.pins_since(shop uuid, since bigint) returns setof public.employee_pins
language sql stable security definer set search_path = '' as $$
  select p.* from public.employee_pins as p
  where p.shop_id = shop and p.stamp >= since
    and (shop = any (counterpart.station_shops())
         or p.employee_id = (counterpart.member_of(shop)).employee) $$;

-- Rows that changed after a place in the order of commit, table and id; that many at most.
create function counterpart.changed_rows(shop uuid, n bigint, tbl text, id text, many bigint)
returns table (stamp bigint, tbl_name text, row_id text, wire text)
language plpgsql stable as $$
begin
  return query execute (
    select format('select c.stamp, c.tbl, c.id, c.wire from (%s) as c order by c.stamp, c.tbl, c.id limit $5', string_agg(format(
      '(select t.stamp, %1$L::text collate "C" as tbl, t.id, t.wire from %2$s as t
        where t.shop_id = $1 and t.stamp >= $2 and (t.stamp, %1$L::text collate "C", t.id) > ($2, $3, $4)
        order by t.stamp, t.id limit $5)',
      t.name, case when t.readers = 'stations_and_own' then format('counterpart.pins_since($1, $2)')
                   else format('public.%I', t.name) end), ' union all '))
    from counterpart.tables as t)
  using shop, n, tbl collate "C", id collate "C", many;
end $$;

-- Rows by table, in the order in which they come.
create function counterpart.pull_page(shop uuid, n bigint, tbl text, id text, many bigint, out rows json, out next json)
language sql stable as $$
  with page as materialized (
    select *, row_number() over (order by c.stamp, c.tbl_name, c.row_id) as place
    from counterpart.changed_rows(shop, pull_page.n, pull_page.tbl, pull_page.id, many) as c),
  runs as (
    select *, place - row_number() over (partition by tbl_name order by place) as run from page),
  tables as (
    select tbl_name, min(place) as first, json_agg(wire::json order by place) as rows from runs group by tbl_name, run)
  select coalesce((select json_agg(json_build_object('table', tbl_name, 'rows', tables.rows) order by first) from tables), '[]'),
         (select json_build_object('n', page.stamp, 'table', page.tbl_name, 'id', page.row_id) from page where place = many) $$;

-- What changed since a cursor, deletions included, and the device's receipts for the commits covered.
create function public.sync_pull(jsonb) returns json
language plpgsql stable set search_path = '' as $$
declare
  request alias for $1;
  shop uuid := counterpart.shop_of(request);
  device text := counterpart.text_of(request, 'device');
  since jsonb := request -> 'cursor';
  token jsonb := nullif(request -> 'token', 'null');
  member counterpart.member := counterpart.member_of(shop);
  head counterpart.heads := counterpart.head_of(shop);
  many bigint := least(greatest(counterpart.number_of(request, 'limit'), 1), 5000);
  n bigint := counterpart.number_of(since, 'n', -9223372036854775807);
  reset boolean;
  page record;
begin
  if not counterpart.has_session(shop, device, member.account, null) then
    perform counterpart.refuse_request('no_session');
  end if;
  reset := not counterpart.is_of_this_history(head, n, counterpart.text_of(since, 'epoch'), counterpart.text_of(since, 'tag'));
  if reset then
    select json '[]' as rows, null::json as next into page;
  elsif token is null then
    page := counterpart.pull_page(shop, n + 1, '', '', many);
  else
    page := counterpart.pull_page(shop, counterpart.number_of(token, 'n', -9223372036854775807),
                                  counterpart.text_of(token, 'table'), counterpart.text_of(token, 'id'), many);
  end if;
  return json_build_object(
    'since', since, 'after', token, 'head', counterpart.cursor_of(head), 'next', page.next, 'reset', reset, 'rows', page.rows,
    'receipts', case when page.next is null and not reset then counterpart.receipts_since(shop, device, n) else '[]' end,
    'safe_through', counterpart.safe_through(shop), 'standing', counterpart.standing_of(member));
end $$;

-- Windows.

-- The condition that a row lies outside its table's window, or its parent does; nothing where no window is. `days` are
-- the windows that a device asked for, by table.
create function counterpart.outside(tbl text, days jsonb) returns text
language plpgsql stable as $$
declare
  t counterpart.tables;
  own text;
  with_it text;
begin
  select * into t from counterpart.tables as k where k.name = tbl;
  if t.outside is not null then
    own := replace(t.outside, ':edge', format('(statement_timestamp() - interval ''1 day'' * %s)',
      least(greatest(coalesce((days ->> tbl)::bigint, t.days), 0), 36500)));
  end if;
  if t.parents is not null and t.parents <> tbl then
    with_it := counterpart.outside(t.parents, days);
  end if;
  if with_it is not null then
    with_it := format('exists (select from public.%1$I where %1$I.shop_id = $1 and %1$I.id = %2$I.%3$I and (%4$s))',
                      t.parents, tbl, t.parent, with_it);
  end if;
  return case when own is not null and with_it is not null then format('(%s) or %s', own, with_it) else coalesce(own, with_it) end;
end $$;

-- The condition that a row lies outside a window that ends at the second moment and inside one that ends at the first, or
-- that it belongs to one that does; nothing for every other table.
create function counterpart.between_moments(t counterpart.tables, tbl text, since bigint, until bigint) returns text
language plpgsql stable as $$
declare
  windowed counterpart.tables;
  inside text;
begin
  select * into windowed from counterpart.tables as k where k.name = tbl;
  if windowed.outside is null or t.name <> tbl and t.parents is distinct from tbl then
    return null;
  end if;
  inside := format('(%s) is not true and (%s)',
                   replace(windowed.outside, ':edge', format('to_timestamp(%s / 1000.0::double precision)', since)),
                   replace(windowed.outside, ':edge', format('to_timestamp(%s / 1000.0::double precision)', until)));
  return case when t.name = tbl then inside
              else format('exists (select from public.%1$I where %1$I.shop_id = $1 and %1$I.id = %2$I.%3$I and %4$s)',
                          tbl, t.name, t.parent, inside) end;
end $$;

-- The rows of a table that a range is of, as a condition on the table under its own name; nothing where it has none.
create function counterpart.wanted(t counterpart.tables, what jsonb) returns text
language plpgsql stable as $$
declare
  outside text;
begin
  if what ? 'row' then
    return case when t.name = what #>> '{row,table}' then format('%I.id = %L', t.name, what #>> '{row,id}')
                when t.parents = what #>> '{row,table}' then format('%I.%I = %L', t.name, t.parent, what #>> '{row,id}') end;
  elsif what ? 'between' then
    return counterpart.between_moments(t, what #>> '{between,table}', (what #>> '{between,from}')::bigint,
                                       (what #>> '{between,until}')::bigint);
  elsif what ? 'tables' and not what -> 'tables' ? t.name::text then
    return null;
  end if;
  outside := counterpart.outside(t.name, coalesce(what -> 'windows', '{}'));
  return case when outside is null then 'true' else format('(%s) is not true', outside) end;
end $$;

-- Where the rows of a table are read from.
create function counterpart.source(t counterpart.tables) returns text
language sql immutable as $$
  select case when t.readers = 'stations_and_own' then format('counterpart.pins_since($1, 0) as %I', t.name)
              else format('public.%I', t.name) end $$;

create function counterpart.range_total(shop uuid, member counterpart.member, what jsonb) returns bigint
language plpgsql stable as $$
declare
  t counterpart.tables;
  total bigint := 0;
  found bigint;
begin
  for t in select * from counterpart.tables as k where counterpart.reads(member, k.readers) loop
    if counterpart.wanted(t, what) is not null then
      execute format('select count(*) from %s where %I.shop_id = $1 and deleted_at is null and %s',
                     counterpart.source(t), t.name, counterpart.wanted(t, what)) into found using shop;
      total := total + found;
    end if;
  end loop;
  return total;
end $$;

-- A page by table in the schema's order and by id, so that it never depends on what came meanwhile.
create function counterpart.range_page(
  shop uuid, member counterpart.member, what jsonb, token jsonb, many bigint, out rows json, out next json)
language plpgsql stable as $$
declare
  t counterpart.tables;
  pages json[] := '{}';
  after text := coalesce(token ->> 'id', '');
  page json;
  count bigint;
  last text;
  remaining bigint := many;
begin
  for t in
    select * from counterpart.tables as k
    where counterpart.reads(member, k.readers) and counterpart.wanted(k, what) is not null
      and k.place >= coalesce((select f.place from counterpart.tables as f where f.name = token ->> 'table'), 0)
    order by k.place
  loop
    execute format(
      'select json_agg(r.wire::json order by r.id), count(*), max(r.id collate "C") from (
         select %1$I.id, %1$I.wire from %2$s where %1$I.shop_id = $1 and %1$I.id > $2 and deleted_at is null and %3$s
         order by %1$I.id limit $3) as r', t.name, counterpart.source(t), counterpart.wanted(t, what))
    into page, count, last using shop, after collate "C", remaining;
    if count > 0 then
      pages := pages || json_build_object('table', t.name, 'rows', page);
    end if;
    remaining := remaining - count;
    if remaining = 0 then
      next := json_build_object('table', t.name, 'id', last);
      exit;
    end if;
    after := '';
  end loop;
  rows := to_json(pages);
end $$;

-- Whether this says which rows a range is of.
create function counterpart.says_what(what jsonb) returns boolean
language sql immutable as $$
  select coalesce(
    (select count(*) from jsonb_object_keys(what)) = 1 and (
      jsonb_typeof(what -> 'windows') = 'object'
        and not exists (select from jsonb_each(what -> 'windows') as w where w.value::text !~ '^-?[0-9]{1,18}$')
      or jsonb_typeof(what -> 'tables') = 'array'
        and not exists (select from jsonb_array_elements(what -> 'tables') as t where jsonb_typeof(t.value) <> 'string')
      or jsonb_typeof(what #> '{between,table}') = 'string'
        and (what #> '{between,from}')::text ~ '^-?[0-9]{1,15}$' and (what #> '{between,until}')::text ~ '^-?[0-9]{1,15}$'
      or jsonb_typeof(what #> '{row,table}') = 'string' and jsonb_typeof(what #> '{row,id}') = 'string'), false) $$;

-- A page of the rows that were asked for: inside the windows, not deleted, and for this member to read.
create function public.sync_range(jsonb) returns json
language plpgsql stable set search_path = '' as $$
declare
  request alias for $1;
  shop uuid := counterpart.shop_of(request);
  device text := counterpart.text_of(request, 'device');
  what jsonb := request -> 'what';
  token jsonb := nullif(request -> 'token', 'null');
  member counterpart.member := counterpart.member_of(shop);
  head counterpart.heads := counterpart.head_of(shop);
  many bigint := least(greatest(counterpart.number_of(request, 'limit'), 1), 5000);
  page record;
begin
  if jsonb_typeof(what) is distinct from 'object' or not counterpart.says_what(what) then
    perform counterpart.refuse_request('malformed');
  elsif not counterpart.has_session(shop, device, member.account, null) then
    perform counterpart.refuse_request('no_session');
  elsif coalesce(request ->> 'epoch', '') not in ('', head.epoch) then
    perform counterpart.refuse_request('other_epoch');
  elsif token is not null and not exists (
      select from counterpart.tables as t where t.name = counterpart.text_of(token, 'table')
        and counterpart.reads(member, t.readers) and counterpart.wanted(t, what) is not null) then
    perform counterpart.refuse_request('malformed');
  end if;
  page := counterpart.range_page(shop, member, what, token, many);
  return json_build_object(
    'what', what, 'after', token, 'head', counterpart.cursor_of(head), 'next', page.next,
    'total', case when token is null then counterpart.range_total(shop, member, what) end, 'rows', page.rows);
end $$;

-- One hash over what every member sees, as a device computes it over its own copy.
create function public.sync_checksums(jsonb) returns json
language plpgsql stable set search_path = '' as $$
declare
  request alias for $1;
  shop uuid := counterpart.shop_of(request);
  t counterpart.tables;
  hashes text := '';
  more text;
begin
  for t in select * from counterpart.tables as k where k.readers = 'members' order by k.place loop
    execute format('select string_agg(counterpart.content_hash(wire), '''' order by %1$I.id) from public.%1$I
                    where %1$I.shop_id = $1 and deleted_at is null and %2$s', t.name, counterpart.wanted(t, '{"windows": {}}'))
    into more using shop;
    hashes := hashes || coalesce(more, '');
  end loop;
  return json_build_object('cursor', counterpart.cursor_of(counterpart.head_of(shop)), 'hash', counterpart.content_hash(hashes));
end $$;

revoke execute on all functions in schema counterpart from public;
grant execute on all functions in schema counterpart to authenticated, service_role;
revoke execute on function public.sync_pull(jsonb), public.sync_range(jsonb), public.sync_checksums(jsonb) from public, anon;
grant execute on function public.sync_pull(jsonb), public.sync_range(jsonb), public.sync_checksums(jsonb) to authenticated;
