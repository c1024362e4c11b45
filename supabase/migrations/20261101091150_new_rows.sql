-- New rows, table by table: what most of a long push is made of. It says the same as one operation after another would,
-- or nothing at all: whatever it cannot decide so is taken one by one.

-- Whether an operation may be taken in that way, by itself: a new row of a table on which no other operation's verdict
-- hangs, its fields set to values and decided on nothing.
create function counterpart.is_plain(p counterpart.push, op jsonb, actor text) returns boolean
language plpgsql stable as $$
begin
  return op ->> 'replaces' is null and (op ->> 'actor') is not distinct from actor
    and exists (
      select from counterpart.tables as t
      where t.name = op ->> 'table' and (t.append_only or counterpart.reads(p.member, t.readers))
        and op ->> 'kind' = case when t.append_only then 'append' else 'insert' end
        and t.name in ('customers', 'tickets', 'ticket_notes', 'ticket_events', 'ticket_lines', 'ticket_secrets',
                       'secret_reveals', 'stock_movements', 'appointments'))
    -- A count may meet another.
    and not (op ->> 'table' = 'stock_movements' and op #>> '{fields,kind,to}' = 'count')
    and not exists (
      select from jsonb_each(op -> 'fields') as e
      left join counterpart.fields as f on f.tbl = op ->> 'table' and f.name = e.key
      where f.name is null or f.policy in ('counter', 'event') or not e.value ? 'to' or coalesce(e.value ->> 'on', '0') <> '0');
end $$;

-- What a field of a new row becomes, what merging knows of it from now on, and whether that is more than a new row has.
create function counterpart.new_value(
  p counterpart.push, f counterpart.fields, edit jsonb, at bigint, out value jsonb, out state jsonb, out was jsonb, out sets boolean)
language plpgsql stable as $$
begin
  value := counterpart.cell(f, edit -> 'to');
  was := case when f.optional then 'null' when f.kind = 'bool' then 'false' when f.kind = 'int' then '0'
              when f.kind = 'word' then to_jsonb(f.words[1]) else 'null' end;
  state := jsonb_build_object('stamp', p.n, 'at', at, 'device', p.device);
  sets := edit -> 'to' <> was;
  if f.policy = 'set' and jsonb_typeof(edit -> 'to') = 'array' then
    sets := edit -> 'to' <> '[]';
    state := case when sets then state || jsonb_build_object('elements', (
      select jsonb_object_agg(counterpart.element_key(f.element, e.value), jsonb_build_object('stamp', p.n, 'device', p.device))
      from jsonb_array_elements(edit -> 'to') as e)) else '{}' end;
  end if;
end $$;

-- The rows that plain operations make, by table, and their audit.
create function counterpart.new_rows(p counterpart.push, arrived counterpart.arrived[])
returns table (tbl text, place bigint, body jsonb, entries jsonb)
language plpgsql stable as $$
begin
  return query
    with blank as materialized (select k.name, k.secret, counterpart.blank_row(k.name) as body from counterpart.tables as k)
    select made.tbl, made.place,
           blank.body || made.body || jsonb_build_object('shop_id', p.shop, 'id', made.op ->> 'row', 'states', made.states,
             'created_at', made.at, 'created_by', made.op -> 'actor', 'updated_at', made.at, 'updated_by', made.op -> 'actor'),
           case when blank.secret then '[]' else made.entries end
    from (
      select a.op ->> 'table' as tbl, a.ordinality as place, a.op,
             counterpart.time_text(counterpart.at_ms(least((a.op ->> 'at')::bigint, p.now))) as at,
             coalesce(jsonb_object_agg(f.name, v.value) filter (where f.name is not null), '{}') as body,
             coalesce(jsonb_object_agg(f.name, v.state) filter (where f.name is not null), '{}') as states,
             coalesce(jsonb_agg(jsonb_build_object('tbl', f.tbl, 'id', a.op ->> 'row', 'field', f.name, 'was', v.was,
               'became', e.value -> 'to', 'at', a.op -> 'at') order by f.name collate "C") filter (where v.sets), '[]') as entries
      from unnest(arrived) with ordinality as a
      left join lateral jsonb_each(a.op -> 'fields') as e on true
      left join counterpart.fields as f on f.tbl = a.op ->> 'table' and f.name = e.key
      left join lateral counterpart.new_value(p, f, e.value, least(p.now, greatest(
        coalesce(nullif((e.value ->> 'at')::bigint, 0), (a.op ->> 'at')::bigint), 0))) as v on f.name is not null
      group by a.ordinality, a.op) as made
    join blank on blank.name = made.tbl;
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
  rows jsonb;
  entries jsonb;
  t text;
  late text[];
begin
  if not counterpart.all_new(p.shop, arrived) then
    return null;
  end if;
  with made as materialized (select * from counterpart.new_rows(p, arrived))
  select (select jsonb_object_agg(g.tbl, g.bodies)
          from (select made.tbl, jsonb_agg(made.body order by made.place) as bodies from made group by made.tbl) as g),
         (select coalesce(jsonb_agg(e.value order by made.place, e.ordinality), '[]')
          from made, jsonb_array_elements(made.entries) with ordinality as e)
  into rows, entries;
  perform counterpart.announce(p, (arrived[1]).op, '{}');
  for t in select k.name from counterpart.tables as k where rows ? k.name::text order by k.place loop
    if t = 'ticket_events' then
      perform counterpart.enter_events(rows -> t);
    else
      perform counterpart.enter_rows(t, rows -> t);
    end if;
  end loop;
  perform counterpart.audit_new_rows(p.shop, entries, (arrived[1]).op ->> 'actor', p.device);
  late := array(select e.id from public.ticket_events as e
                where e.shop_id = p.shop and e.outcome = 'history'
                  and e.id = any (array(select a.op ->> 'row' from unnest(arrived) as a where a.op ->> 'table' = 'ticket_events')));
  return counterpart.keep_receipts(p.shop, p.device, array(select a.id from unnest(arrived) as a),
    array(select a.hash from unnest(arrived) as a),
    array(select case when a.op ->> 'table' = 'ticket_events' and a.op ->> 'row' = any (late) then 'history' end
          from unnest(arrived) as a));
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

-- Which operations may be taken at once, if any may.
create function counterpart.which_are_plain(p counterpart.push, arrived counterpart.arrived[], may boolean) returns boolean[]
language plpgsql stable as $$
declare
  actor text := (arrived[1]).op ->> 'actor';
begin
  if not may or cardinality(arrived) < 8 or not counterpart.named_rightly(p, actor) then
    return array_fill(false, array[cardinality(arrived)]);
  end if;
  return array(select counterpart.is_plain(p, a.op, actor) from unnest(arrived) with ordinality as a order by a.ordinality);
end $$;

revoke execute on all functions in schema counterpart from public;
grant execute on all functions in schema counterpart to authenticated, service_role;
