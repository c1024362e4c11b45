-- New rows, table by table: what most of a long push is made of. It says the same as one operation after another would,
-- or nothing at all: whatever it cannot decide so is taken one by one.

-- A row that an operation makes: its fields, and those of them that are more than a new row has anyway.
create type counterpart.new_row as (tbl text, id text, at bigint, body jsonb, sets text[], fields jsonb);

-- What merging knows from now on of a set that a new row brings.
create function counterpart.new_elements(f counterpart.fields, items jsonb, state jsonb) returns jsonb
language plpgsql stable as $$
begin
  return case when items = '[]' then '{}' else state || jsonb_build_object('elements', (
    select jsonb_object_agg(counterpart.element_key(f.element, e.value), state - 'at') from jsonb_array_elements(items) as e)) end;
end $$;

-- The rows that plain operations make, in their order.
create function counterpart.new_rows(p counterpart.push, arrived counterpart.arrived[]) returns counterpart.new_row[]
language plpgsql stable as $$
begin
  return array(
    with blank as materialized (select k.name, counterpart.blank_row(k.name) as body from counterpart.tables as k)
    select (blank.name, a.op ->> 'row', (a.op ->> 'at')::bigint, blank.body || made.body || jsonb_build_object(
              'shop_id', p.shop, 'id', a.op ->> 'row', 'states', made.states,
              'created_at', t.at, 'created_by', a.op -> 'actor', 'updated_at', t.at, 'updated_by', a.op -> 'actor'),
            made.sets, a.op -> 'fields')::counterpart.new_row
    from unnest(arrived) with ordinality as a
    join blank on blank.name = a.op ->> 'table'
    cross join lateral (
      select counterpart.time_text(counterpart.at_ms(least((a.op ->> 'at')::bigint, p.now))) as at) as t
    cross join lateral (
      select coalesce(jsonb_object_agg(f.name,
               case when f.kind in ('text', 'id', 'word') and jsonb_typeof(e.value -> 'to') = 'string' then e.value -> 'to'
                    else counterpart.cell(f, e.value -> 'to') end), '{}') as body,
             coalesce(jsonb_object_agg(f.name,
               case when f.policy = 'set' and jsonb_typeof(e.value -> 'to') = 'array'
                    then counterpart.new_elements(f, e.value -> 'to', s.state) else s.state end), '{}') as states,
             array_agg(f.name::text order by f.name) filter (
               where e.value -> 'to' <> case when f.policy = 'set' and jsonb_typeof(e.value -> 'to') = 'array' then '[]'
                                             else blank.body -> f.name end) as sets
      from jsonb_each(a.op -> 'fields') as e
      join counterpart.fields as f on f.tbl = blank.name and f.name = e.key
      cross join lateral (select jsonb_build_object('stamp', p.n, 'device', p.device, 'at', least(p.now, greatest(
        coalesce(nullif((e.value ->> 'at')::bigint, 0), (a.op ->> 'at')::bigint), 0))) as state) as s) as made
    order by a.ordinality);
end $$;

-- The audit of operations that made new rows.
create function counterpart.audit_new_rows(shop uuid, made counterpart.new_row[], actor text, install text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  n bigint := counterpart.commit_number(shop);
begin
  insert into public.audit (shop_id, n, tbl, id, field, was, became, kept, actor, device, at)
  select shop, n, m.tbl, m.id, f.name, counterpart.blank_value(f), m.fields -> f.name -> 'to', true,
         audit_new_rows.actor, install, counterpart.at_ms(m.at)
  from unnest(made) with ordinality as m
  join counterpart.tables as t on t.name = m.tbl and not t.secret
  cross join lateral unnest(m.sets) with ordinality as s(name, place)
  join counterpart.fields as f on f.tbl = m.tbl and f.name = s.name
  order by m.ordinality, s.place;
end $$;

-- Whether each of these rows is new, and whatever these operations need took effect or comes before them.
create function counterpart.all_new(shop uuid, arrived counterpart.arrived[]) returns boolean
language plpgsql stable as $$
declare
  known boolean;
  t text;
begin
  if (select count(distinct (a.op ->> 'table', a.op ->> 'row')) from unnest(arrived) as a) < cardinality(arrived)
     or exists (
       select from unnest(arrived) with ordinality as a, jsonb_array_elements_text(a.op -> 'needs') as needed
       where not exists (select from unnest(arrived) with ordinality as b where b.id = needed and b.ordinality < a.ordinality)
         and not counterpart.stands(shop, needed)) then
    return false;
  end if;
  for t in select distinct a.op ->> 'table' from unnest(arrived) as a loop
    known := counterpart.any_kept(shop, t, array(select a.op ->> 'row' from unnest(arrived) as a where a.op ->> 'table' = t));
    if known then
      return false;
    end if;
  end loop;
  return true;
end $$;

-- Enters events so that each finds its ticket as the one before it left it.
create function counterpart.enter_events(bodies jsonb) returns void
language plpgsql as $$
declare
  round jsonb;
begin
  for round in
    select jsonb_agg(e.value order by e.ordinality) from (
      select b.value, b.ordinality, row_number() over (partition by b.value ->> 'ticket_id' order by b.ordinality) as which
      from jsonb_array_elements(bodies) with ordinality as b) as e
    group by e.which order by e.which
  loop
    perform counterpart.enter_rows('ticket_events', round);
  end loop;
end $$;

-- Takes plain operations in, one statement a table; nothing where they have to be taken one by one.
create function counterpart.take_new_rows(p counterpart.push, arrived counterpart.arrived[]) returns jsonb[]
language plpgsql as $$
declare
  made counterpart.new_row[];
  of_table record;
  late text[];
begin
  if not counterpart.all_new(p.shop, arrived) then
    return null;
  end if;
  made := counterpart.new_rows(p, arrived);
  perform counterpart.announce(p, (arrived[1]).op, '{}');
  for of_table in
    select m.tbl as name, jsonb_agg(m.body order by m.ordinality) as bodies
    from unnest(made) with ordinality as m join counterpart.tables as t on t.name = m.tbl
    group by m.tbl, t.place order by t.place
  loop
    if of_table.name = 'ticket_events' then
      perform counterpart.enter_events(of_table.bodies);
    else
      perform counterpart.enter_rows(of_table.name, of_table.bodies);
    end if;
  end loop;
  perform counterpart.audit_new_rows(p.shop, made, (arrived[1]).op ->> 'actor', p.device);
  late := array(select e.id from public.ticket_events as e
                where e.shop_id = p.shop and e.outcome = 'history'
                  and e.id = any (array(select m.id from unnest(made) as m where m.tbl = 'ticket_events')));
  return counterpart.keep_receipts(p.shop, p.device, array(select a.id from unnest(arrived) as a),
    array(select a.hash from unnest(arrived) as a),
    array(select case when m.tbl = 'ticket_events' and m.id = any (late) then 'history' end from unnest(made) as m));
-- What any of them caused is found out one by one.
exception when check_violation or not_null_violation or insufficient_privilege or data_exception
    or integrity_constraint_violation or raise_exception or sqlstate 'CP001' then
  return null;
end $$;

-- How far the plain operations reach that begin at a place, groups whole.
create function counterpart.plain_until(arrived counterpart.arrived[], plain boolean[], first integer, many integer) returns integer
language plpgsql immutable as $$
declare
  at integer := first;
  whole integer := first - 1;
begin
  while at <= many and plain[at] loop
    if at = cardinality(arrived) or (arrived[at]).grp is null or (arrived[at + 1]).grp is distinct from (arrived[at]).grp then
      whole := at;
    end if;
    at := at + 1;
  end loop;
  return whole;
end $$;

-- Which operations may be taken in that way, by themselves: a new row of a table on which no other operation's verdict
-- hangs, its fields set to values and decided on nothing.
create function counterpart.which_are_plain(p counterpart.push, arrived counterpart.arrived[], may boolean) returns boolean[]
language plpgsql stable as $$
declare
  actor text := (arrived[1]).op ->> 'actor';
begin
  if not may or cardinality(arrived) < 8 or not counterpart.named_rightly(p, actor) then
    return array_fill(false, array[cardinality(arrived)]);
  end if;
  return array(
    select coalesce(
      a.op ->> 'replaces' is null and (a.op ->> 'actor') is not distinct from actor
      and a.op ->> 'kind' = case when t.append_only then 'append' else 'insert' end
      and (t.append_only or counterpart.reads(p.member, t.readers))
      and t.name in ('customers', 'tickets', 'ticket_notes', 'ticket_events', 'ticket_lines', 'ticket_secrets',
                     'secret_reveals', 'stock_movements', 'appointments')
      -- A count may meet another.
      and not (t.name = 'stock_movements' and coalesce(a.op #>> '{fields,kind,to}', '') = 'count')
      and not exists (
        select from jsonb_each(a.op -> 'fields') as e
        left join counterpart.fields as f on f.tbl = a.op ->> 'table' and f.name = e.key
        where f.name is null or f.policy in ('counter', 'event') or not e.value ? 'to' or coalesce(e.value ->> 'on', '0') <> '0'),
      false)
    from unnest(arrived) with ordinality as a
    left join counterpart.tables as t on t.name = a.op ->> 'table'
    order by a.ordinality);
end $$;

revoke execute on all functions in schema counterpart from public;
grant execute on all functions in schema counterpart to authenticated, service_role;
