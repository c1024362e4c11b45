-- How many rows there are, for an inspector to put beside those of a device. STABLE, as everything that reads.

-- By table, what a device of the caller's holds if it holds all of the shop up to this head: not deleted, within the
-- schema's own windows, and for the caller to read. Policies decide which rows somebody sees.
create function public.sync_counts(jsonb) returns json
language plpgsql stable set search_path = '' as $$
declare
  request alias for $1;
  shop uuid := counterpart.shop_of(request);
  member counterpart.member := counterpart.member_of(shop);
  head counterpart.heads := counterpart.head_of(shop);
  t counterpart.tables;
  found bigint;
  rows jsonb := '{}';
begin
  for t in select * from counterpart.tables as k where counterpart.reads(member, k.readers) order by k.place loop
    execute format('select count(*) from %s where %I.shop_id = $1 and deleted_at is null and %s',
                   counterpart.source(t), t.name, counterpart.wanted(t, '{"windows": {}}')) into found using shop;
    rows := rows || jsonb_build_object(t.name, found);
  end loop;
  return json_build_object('cursor', counterpart.cursor_of(head), 'rows', rows);
end $$;

revoke execute on function public.sync_counts(jsonb) from public, anon;
grant execute on function public.sync_counts(jsonb) to authenticated;

-- PostgREST reads its functions anew.
notify pgrst, 'reload schema';
