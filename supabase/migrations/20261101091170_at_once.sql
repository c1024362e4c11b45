-- What of a push is taken at once: long runs of new rows, and of edits that meet nothing that anybody else did. It says the
-- same as one operation after another would, or nothing at all: whatever it cannot decide so is taken one by one.

-- Which operations may be taken in that way, by themselves: a new row of a table on which no other operation's verdict
-- hangs, its fields set to values and decided on nothing; or an edit of such a row, or of one that nothing hangs on.
create function counterpart.which_are_plain(p counterpart.push, arrived counterpart.arrived[], may boolean) returns boolean[]
language plpgsql stable as $$
declare
  actor text := (arrived[1]).op ->> 'actor';
  plain boolean[];
  edits integer[];
begin
  if not may or cardinality(arrived) < 8 or not counterpart.named_rightly(p, actor) then
    return array_fill(false, array[cardinality(arrived)]);
  end if;
  plain := array(
    select coalesce(
      a.op ->> 'replaces' is null and (a.op ->> 'actor') is not distinct from actor
      and (t.append_only or counterpart.reads(p.member, t.readers))
      and case
        when a.op ->> 'kind' = case when t.append_only then 'append' else 'insert' end then
          t.name in ('customers', 'tickets', 'ticket_notes', 'ticket_events', 'ticket_lines', 'ticket_secrets',
                     'secret_reveals', 'stock_movements', 'appointments')
          -- A count may meet another.
          and not (t.name = 'stock_movements' and coalesce(a.op #>> '{fields,kind,to}', '') = 'count')
          and not exists (
            select from jsonb_each(a.op -> 'fields') as e
            left join counterpart.fields as f on f.tbl = a.op ->> 'table' and f.name = e.key
            where f.name is null or f.policy in ('counter', 'event') or not e.value ? 'to' or coalesce(e.value ->> 'on', '0') <> '0')
        when a.op ->> 'kind' = 'patch' then
          t.name in ('customers', 'inventory_items', 'item_costs', 'tickets', 'ticket_lines', 'ticket_secrets', 'appointments')
          and coalesce(a.op -> 'fields', '{}') <> '{}'
          and not exists (
            select from jsonb_each(a.op -> 'fields') as e
            left join counterpart.fields as f on f.tbl = a.op ->> 'table' and f.name = e.key
            where f.name is null or f.policy in ('counter', 'event', 'fixed') or f.name = t.one_of_a_kind)
      end, false)
    from unnest(arrived) with ordinality as a
    left join counterpart.tables as t on t.name = a.op ->> 'table'
    order by a.ordinality);
  edits := array(select a.ordinality from unnest(arrived) with ordinality as a
                 where plain[a.ordinality] and a.op ->> 'kind' = 'patch' order by a.ordinality);
  if edits <> '{}' then
    plain := counterpart.with_edits(p, arrived, plain, edits);
  end if;
  return plain;
end $$;

-- The same without those of the edits, by their places, that meet something.
create function counterpart.with_edits(
  p counterpart.push, arrived counterpart.arrived[], plain boolean[], edits integer[]) returns boolean[]
language plpgsql stable as $$
declare
  met counterpart.arrived[] := array(select arrived[e.place] from unnest(edits) with ordinality as e(place, nth) order by e.nth);
  alone integer[] := array(select edits[e.place] from unnest(counterpart.edited_rows(p, met, false)) as e);
begin
  return array(select l.plain and (l.place <> all (edits) or l.place = any (alone))
               from unnest(plain) with ordinality as l(plain, place) order by l.place);
end $$;

-- For each operation the place of the one before it that is about the same row.
create function counterpart.earlier_on_the_row(arrived counterpart.arrived[]) returns bigint[]
language plpgsql immutable as $$
begin
  return array(
    select coalesce(e.earlier, 0) from (
      select a.ordinality, lag(a.ordinality) over (partition by a.op ->> 'table', a.op ->> 'row' order by a.ordinality) as earlier
      from unnest(arrived) with ordinality as a) as e
    order by e.ordinality);
end $$;

-- How far the plain operations reach that begin at a place, each about another row, groups whole.
create function counterpart.plain_until(
  arrived counterpart.arrived[], plain boolean[], earlier bigint[], first integer, many integer) returns integer
language plpgsql immutable as $$
declare
  at integer := first;
  whole integer := first - 1;
begin
  while at <= many and plain[at] and earlier[at] < first loop
    if at = cardinality(arrived) or (arrived[at]).grp is null or (arrived[at + 1]).grp is distinct from (arrived[at]).grp then
      whole := at;
    end if;
    at := at + 1;
  end loop;
  return whole;
end $$;

-- Whether whatever these operations need took effect or comes before them.
create function counterpart.have_what_they_need(shop uuid, arrived counterpart.arrived[]) returns boolean
language plpgsql stable as $$
begin
  return not exists (
    select from unnest(arrived) with ordinality as a, jsonb_array_elements_text(a.op -> 'needs') as needed
    where not exists (select from unnest(arrived) with ordinality as b where b.id = needed and b.ordinality < a.ordinality)
      and not counterpart.stands(shop, needed));
end $$;

-- Takes plain operations in, edits before new rows, for no edit hangs on a new row; nothing where they have to be taken
-- one by one.
create function counterpart.take_at_once(p counterpart.push, arrived counterpart.arrived[]) returns jsonb[]
language plpgsql as $$
declare
  edits counterpart.arrived[] := array(
    select a::counterpart.arrived from unnest(arrived) with ordinality as o(id, hash, grp, op, place)
    cross join lateral (select o.id, o.hash, o.grp, o.op) as a where o.op ->> 'kind' = 'patch' order by o.place);
  made counterpart.arrived[] := array(
    select a::counterpart.arrived from unnest(arrived) with ordinality as o(id, hash, grp, op, place)
    cross join lateral (select o.id, o.hash, o.grp, o.op) as a where o.op ->> 'kind' <> 'patch' order by o.place);
  late text[] := '{}';
begin
  if not counterpart.have_what_they_need(p.shop, arrived) then
    return null;
  end if;
  if edits <> '{}' then
    perform counterpart.change_at_once(p, edits);
  end if;
  if made <> '{}' then
    late := counterpart.enter_new_rows(p, made);
  end if;
  return counterpart.keep_receipts(p.shop, p.device, array(select a.id from unnest(arrived) as a),
    array(select a.hash from unnest(arrived) as a),
    array(select case when a.id = any (late) then 'history' end from unnest(arrived) as a));
-- What any of them caused is found out one by one.
exception when check_violation or not_null_violation or insufficient_privilege or data_exception
    or integrity_constraint_violation or raise_exception or sqlstate 'CP001' then
  return null;
end $$;

revoke execute on all functions in schema counterpart from public;
grant execute on all functions in schema counterpart to authenticated, service_role;
