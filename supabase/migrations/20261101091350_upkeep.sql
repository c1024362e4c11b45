-- What whoever runs the database has done now and then: rows deleted long ago are emptied, and what was written with
-- triggers off is found and stamped. The hub does the first once a day; `doctor` does the second.

-- Empties rows that were deleted more than half a year ago, and says how many. That they were stays: no late copy brings
-- them back. So do ids, numbers and words, which say nothing of a person and decide who hears of the deletion.
create function public.forget_deleted() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  t counterpart.tables;
  shop uuid;
  empties text;
  emptied bigint := 0;
  many bigint;
  old constant text := 'deleted_at < now() - interval ''180 days'' and states <> ''{}''';
begin
  for t in select * from counterpart.tables order by place loop
    select string_agg(format('%I = %s', f.name, case
        when f.optional and f.name <> 'last_name' then 'null'
        -- A limit asks for something: a name, a subject, a note's text.
        when f.most is not null or f.name = 'last_name' then '''-'''
        else quote_ident(f.name) end), ', ')
    into empties from counterpart.fields as f where f.tbl = t.name and f.kind in ('text', 'json', 'map', 'set');
    for shop in execute format('select distinct shop_id from public.%I where %s order by shop_id', t.name, old) loop
      perform counterpart.lock_heads(array[shop]);
      perform set_config('counterpart.keeps', 'forgets', true);
      execute format('update public.%I set %s states = ''{}'' where shop_id = $1 and %s', t.name, empties || ', ', old) using shop;
      get diagnostics many = row_count;
      emptied := emptied + many;
      perform counterpart.keep(false);
    end loop;
  end loop;
  return emptied;
end $$;

-- A row's text as JSON; nothing where it is none, as after a load that left it empty.
create function counterpart.json_or_nothing(value text) returns jsonb
language plpgsql immutable strict parallel safe as $$
begin
  return value::jsonb;
exception when data_exception then
  return null;
end $$;

-- The condition that is true of a table's rows that no pull brings to the devices as they are: stamped by no commit of the
-- shop, or changed since without being spelled anew. `t` is the row, `h` the shop's head.
create function counterpart.is_unseen(tbl text) returns text
language plpgsql stable as $$
begin
  return (
    select format('(t.stamp not between 1 and h.head or (select (%s) is distinct from (%s)
                    from jsonb_populate_record(null::public.%I, counterpart.json_or_nothing(t.wire)) as w))',
                  string_agg(format('t.%I', c.name), ', '), string_agg(format('w.%I', c.name), ', '), is_unseen.tbl)
    from (select f.name::text from counterpart.fields as f where f.tbl = is_unseen.tbl
          union all select unnest('{id,created_at,created_by,updated_at,updated_by,deleted_at,stamp}'::text[])) as c(name));
end $$;

-- Stamps what no pull would bring to the devices: one commit a shop, that overwrites, having no base. Says how many rows.
create function public.restamp() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  shop uuid;
  t counterpart.tables;
  state jsonb;
  found_here boolean;
  stamped bigint := 0;
  many bigint;
begin
  for shop in select h.shop_id from counterpart.heads as h order by h.shop_id loop
    perform counterpart.lock_heads(array[shop]);
    for t in select * from counterpart.tables order by place loop
      execute format('select exists (select from public.%I as t join counterpart.heads as h on h.shop_id = t.shop_id
                      where t.shop_id = $1 and %s)', t.name, counterpart.is_unseen(t.name)) into found_here using shop;
      continue when not found_here;
      state := jsonb_build_object('stamp', counterpart.commit_number(shop), 'at', counterpart.ms(clock_timestamp()), 'device', '');
      perform counterpart.keep(true);
      -- What is stamped by this commit has been spelled already.
      execute format('update public.%I as t set states = $2 from counterpart.heads as h
                      where t.shop_id = $1 and h.shop_id = t.shop_id and %s', t.name, counterpart.is_unseen(t.name))
      using shop, (select jsonb_object_agg(f.name, state) from counterpart.fields as f where f.tbl = t.name);
      get diagnostics many = row_count;
      perform counterpart.keep(false);
      stamped := stamped + many;
    end loop;
    update public.members as m set role = e.role, active = e.active and e.deleted_at is null from public.employees as e
    where m.shop_id = shop and e.shop_id = m.shop_id and e.id = m.account::text and not m.station
      and (m.role, m.active) is distinct from (e.role, e.active and e.deleted_at is null);
  end loop;
  return stamped;
end $$;

-- What is wrong with the shops' books: a stable word, and how many rows it is true of.
create function public.look_over() returns table (shop uuid, code text, many bigint)
language plpgsql stable security definer set search_path = '' as $$
declare
  t counterpart.tables;
begin
  return query
    select h.shop_id, 'head_is_not_the_last_commit', 1::bigint from counterpart.heads as h
    where h.head <> coalesce((select max(c.n) from counterpart.commits as c where c.shop_id = h.shop_id), 0);
  return query
    select r.shop_id, 'receipt_without_commit', count(*) from counterpart.receipts as r
    where not exists (select from counterpart.commits as c where c.shop_id = r.shop_id and c.n = r.n) group by r.shop_id;
  return query
    select i.shop_id, 'sum_differs', count(*) from public.inventory_items as i
    left join (select m.shop_id, m.item_id,
                 sum(case when m.kind in ('reserve', 'release') then 0 else m.quantity end) as quantity,
                 sum(case m.kind when 'reserve' then m.quantity when 'release' then -m.quantity else 0 end) as reserved
               from public.stock_movements as m group by m.shop_id, m.item_id) as s on s.shop_id = i.shop_id and s.item_id = i.id
    where (i.quantity, i.reserved) is distinct from (coalesce(s.quantity, 0)::bigint, coalesce(s.reserved, 0)::bigint)
    group by i.shop_id;
  for t in select * from counterpart.tables order by place loop
    return query execute format(
      'select t.shop_id, ''rows_without_stamp'', count(*) from public.%I as t join counterpart.heads as h on h.shop_id = t.shop_id
       where %s group by t.shop_id', t.name, counterpart.is_unseen(t.name));
  end loop;
end $$;

revoke execute on all functions in schema counterpart from public;
grant execute on all functions in schema counterpart to authenticated, service_role;
revoke execute on function public.forget_deleted(), public.restamp(), public.look_over() from public, anon, authenticated;
grant execute on function public.forget_deleted(), public.restamp(), public.look_over() to service_role;
