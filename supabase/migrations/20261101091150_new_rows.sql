-- New rows, table by table: what most of a long push is made of.

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

-- Whether each of these rows is new.
create function counterpart.all_new(shop uuid, arrived counterpart.arrived[]) returns boolean
language plpgsql stable as $$
declare
  known boolean;
  t text;
begin
  if (select count(distinct (a.op ->> 'table', a.op ->> 'row')) from unnest(arrived) as a) < cardinality(arrived) then
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

-- Enters the rows that plain operations make, one statement a table, or raises what refuses one of them. Gives back
-- those of the operations that came too late to move anything.
create function counterpart.enter_new_rows(p counterpart.push, arrived counterpart.arrived[]) returns text[]
language plpgsql as $$
declare
  made counterpart.new_row[];
  of_table record;
begin
  if not counterpart.all_new(p.shop, arrived) then
    perform counterpart.refuse('not_new');
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
  return array(
    select a.id from unnest(arrived) as a
    join public.ticket_events as e on e.shop_id = p.shop and e.id = a.op ->> 'row' and e.outcome = 'history'
    where a.op ->> 'table' = 'ticket_events');
end $$;

revoke execute on all functions in schema counterpart from public;
grant execute on all functions in schema counterpart to authenticated, service_role;
