-- Edits of rows that are there, table by table, as far as they meet nothing that anybody else did meanwhile.

-- A row as an operation changes it: the fields that are named, the row with them, what the audit says of it.
create type counterpart.edited as (place integer, tbl text, named text[], body jsonb, at bigint, id text, audit jsonb);

-- Rows with what merging knows of their fields, deleted ones left out. Looked up by the key, one by one, as any_kept does.
create function counterpart.kept_rows(shop uuid, tbl text, ids text[])
returns table (id text, wire jsonb, states jsonb)
language plpgsql stable security definer set search_path = '' as $$
begin
  return query execute format(
    'select kept.id, kept.wire::jsonb, kept.states from unnest($2) as i(id) cross join lateral (
       select t.id, t.wire, t.states, t.deleted_at from public.%I as t
       where t.shop_id = $1 and t.id = i.id limit 1) as kept where kept.deleted_at is null', tbl)
  using shop, ids;
end $$;

-- What edits make of the rows that are there. Those are left out that lose a field, clash with somebody, or whose item
-- has another's part number: each of them is a decision. Where nothing is written yet it only says which are left: values
-- are not judged, and rows not put together.
create function counterpart.edited_rows(p counterpart.push, arrived counterpart.arrived[], writes boolean)
returns counterpart.edited[]
language plpgsql stable as $$
begin
  return array(
    with asked as materialized (
      select a.ordinality::integer as place, a.op, a.op ->> 'table' as tbl, a.op ->> 'row' as id, (a.op ->> 'at')::bigint as at
      from unnest(arrived) with ordinality as a
      where a.op ->> 'kind' = 'patch'),
    kept as materialized (
      select t.tbl, k.id, k.wire, k.states from (select tbl, array_agg(id) as ids from asked group by tbl) as t
      cross join lateral counterpart.kept_rows(p.shop, t.tbl, t.ids) as k)
    select (asked.place, asked.tbl, merged.named, case when writes then
              kept.wire || merged.becomes || jsonb_build_object(
                'shop_id', p.shop, 'states', kept.states || merged.states, 'updated_by', asked.op -> 'actor',
                'updated_at', counterpart.time_text(counterpart.at_ms(least(asked.at, p.now)))) end,
            asked.at, asked.id, merged.audit)::counterpart.edited
    from asked
    join kept on kept.tbl = asked.tbl and kept.id = asked.id
    -- Row by row: joined as sets of which nobody knows the size, each may be read once for each row of another.
    cross join lateral (
      select array_agg(f.name::text order by e.key collate "C") as named,
        bool_and(v.word in ('becomes', 'same')) as meets_nothing,
        coalesce(jsonb_object_agg(f.name, counterpart.cell(f, v.value)) filter (where writes and v.word = 'becomes'), '{}') as becomes,
        jsonb_object_agg(f.name, v.state) filter (where writes) as states,
        coalesce(jsonb_agg(jsonb_build_object('field', f.name, 'was', coalesce(kept.wire -> f.name, 'null'), 'became',
            case when e.value ? 'elements' then e.value #> '{elements,add}' else e.value -> 'to' end) order by e.key collate "C")
          filter (where writes and v.word = 'becomes'), '[]') as audit
      from jsonb_each(asked.op -> 'fields') as e
      join counterpart.fields as f on f.tbl = asked.tbl and f.name = e.key
      cross join lateral (select counterpart.known_commit(p.shop, coalesce((e.value ->> 'on')::bigint, 0)) as known offset 0) as base
      cross join lateral (select counterpart.commit_time(p.shop, base.known) as at offset 0) as began
      cross join lateral counterpart.merge(
        f.policy, f.element, coalesce(kept.wire -> f.name, 'null'), coalesce(kept.states -> f.name, '{}'), e.value, base.known,
        least(p.now, greatest(coalesce(nullif((e.value ->> 'at')::bigint, 0), asked.at), began.at)), p.device, p.n) as v) as merged
    where merged.meets_nothing and not (asked.tbl = 'inventory_items' and kept.wire ->> 'sku' is not null
               and counterpart.item_with_sku(p.shop, kept.wire ->> 'sku', asked.id) is not null)
    order by asked.place);
end $$;

-- Changes rows of a table to what these say, and says how many it could. Every table has its own statement, planned once.
-- It looks each row up by its key first: a join would read the whole shop for each of them where nothing is known of the
-- table's size.
do $$
declare
  arms text;
begin
  select string_agg(format(
    'when %1$L then update public.%1$I as t set %2$s
       from jsonb_populate_recordset(null::public.%1$I, bodies) as w cross join lateral (
         select k.ctid from public.%1$I as k where k.shop_id = shop and k.id = w.id limit 1) as found
       where t.shop_id = shop and t.ctid = found.ctid;',
    k.name, (select string_agg(format('%I = w.%1$I', f.name), ', ' order by f.place)
             from counterpart.fields as f where f.tbl = k.name)
            || ', updated_at = w.updated_at, updated_by = w.updated_by, states = w.states'),
    E'\n' order by k.place)
  into arms from counterpart.tables as k where not k.append_only;
  execute format('create function counterpart.change_rows(shop uuid, tbl text, bodies jsonb) returns bigint
    language plpgsql set plan_cache_mode = force_generic_plan
    set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $f$
    declare
      many bigint;
    begin
      case tbl
      %s
      end case;
      get diagnostics many = row_count;
      return many;
    end $f$', arms);
end $$;

-- The audit of edits.
create function counterpart.audit_edits(shop uuid, edited counterpart.edited[], actor text, install text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  n bigint := counterpart.commit_number(shop);
begin
  insert into public.audit (shop_id, n, tbl, id, field, was, became, kept, actor, device, at)
  select shop, n, e.tbl, e.id, a.entry ->> 'field', a.entry -> 'was', a.entry -> 'became', true,
         audit_edits.actor, install, counterpart.at_ms(e.at)
  from unnest(edited) as e
  join counterpart.tables as t on t.name = e.tbl and not t.secret
  cross join lateral jsonb_array_elements(e.audit) with ordinality as a(entry, place)
  order by e.place, a.place;
end $$;

-- Makes these edits, a statement for each set of fields that they name in a table, or raises what refuses one of them.
create function counterpart.change_at_once(p counterpart.push, arrived counterpart.arrived[]) returns void
language plpgsql as $$
declare
  edited counterpart.edited[] := counterpart.edited_rows(p, arrived, true);
  alike record;
begin
  if cardinality(edited) < cardinality(arrived) then
    perform counterpart.refuse('meets_something');
  end if;
  for alike in
    select e.tbl, e.named, jsonb_agg(e.body order by e.place) as bodies, count(*) as many
    from unnest(edited) as e group by e.tbl, e.named order by min(e.place)
  loop
    perform counterpart.announce(p, (arrived[1]).op, alike.named);
    -- A row that is not touched may not be.
    if counterpart.change_rows(p.shop, alike.tbl, alike.bodies) < alike.many then
      perform counterpart.refuse('denied');
    end if;
  end loop;
  perform counterpart.audit_edits(p.shop, edited, (arrived[1]).op ->> 'actor', p.device);
end $$;

revoke execute on all functions in schema counterpart from public;
grant execute on all functions in schema counterpart to authenticated, service_role;
