-- A device's day over the functions that PostgREST offers it.
begin;
create extension if not exists pgtap with schema extensions;
set local search_path = public, extensions;
select plan(17);

insert into auth.users (id, email) values ('10000000-0000-4000-8000-000000000002', 'tess@shop.example');
select found_shop('Ours', shop => '20000000-0000-4000-8000-000000000001');
select take_in('20000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-000000000002', 'tess@shop.example', 'technician');
select set_config('counterpart.locked', '', true), set_config('counterpart.commits', '', true);

create temporary table said (what text primary key, json jsonb) on commit drop;
grant all on said to authenticated;
set local role authenticated;
set local request.jwt.claims = '{"sub": "10000000-0000-4000-8000-000000000002", "role": "authenticated"}';

select is(my_shops() #>> '{shops,0,name}', 'Ours', 'an account hears where it works');
insert into said select 'open', device_open(
  '{"shop": "20000000-0000-4000-8000-000000000001", "device": "d", "generation": 0, "attempt": "a", "numbers_left": 0}')::jsonb;
select is((select json ->> 'code' from said where what = 'open'), 'A', 'a device gets a code');
select is((select json ->> 'lease' from said where what = 'open'), '[1000, 1099]', 'and numbers of its own');

-- What a push of these operations is answered.
create function pg_temp.pushes(ops text) returns jsonb language sql as $$
  select sync_push(format('{"shop": "20000000-0000-4000-8000-000000000001", "device": "d", "generation": %s, "epoch": %s, "unsent": 0, "ops": %s}',
    json -> 'generation', json -> 'epoch', ops)::json)::jsonb from said where what = 'open' $$;
-- The member of a shop's own words for an operation.
create function pg_temp.op(id text, tbl text, row_id text, kind text, fields text) returns text language sql as $$
  select format('{"id": "%s", "seq": 1, "at": 1, "account": "10000000-0000-4000-8000-000000000002",
    "actor": "10000000-0000-4000-8000-000000000002", "table": "%s", "row": "%s", "kind": "%s", "fields": %s}', id, tbl, row_id, kind, fields) $$;

insert into said select 'push', pg_temp.pushes('[' || concat_ws(',',
  pg_temp.op('o1', 'customers', 'c1', 'insert', '{"last_name": {"to": "Okafor"}}'),
  pg_temp.op('o2', 'customers', 'c2', 'insert', '{"last_name": {"to": "x", "at": 1}, "phones": {"to": ["030"]}}'),
  pg_temp.op('o3', 'customers', 'c1', 'delete', '{}')) || ']');
select is((select json #>> '{receipts,0,outcome}' from said where what = 'push'), 'applied', 'what is right is taken in');
select is((select concat_ws(' ', json #>> '{receipts,1,outcome}', json #>> '{receipts,1,code}', json #>> '{receipts,1,field}') from said where what = 'push'),
          'rejected phone phones', 'what breaks a limit is a receipt, not an error');
select is((select concat_ws(' ', json #>> '{receipts,2,outcome}', json #>> '{receipts,2,code}') from said where what = 'push'),
          'rejected denied', 'and so is what somebody may not');
select is(pg_temp.pushes('[' || pg_temp.op('o1', 'customers', 'c1', 'insert', '{"last_name": {"to": "Okafor"}}') || ']') #>> '{receipts,0,n}',
          (select json #>> '{receipts,0,n}' from said where what = 'push'), 'the same operation gets the same receipt');
select is((select count(*) from customers), 1::bigint, 'and is taken in once');

insert into said select 'pull', sync_pull('{"shop": "20000000-0000-4000-8000-000000000001", "device": "d", "limit": 100,
  "cursor": {"epoch": "", "n": 0, "tag": ""}}')::jsonb;
select ok((select json -> 'rows' @> '[{"table": "customers", "rows": [{"id": "c1", "last_name": "Okafor"}]}]' from said where what = 'pull'),
          'a pull brings what changed');
select ok((select json -> 'rows' @> '[{"table": "item_costs"}]' from said where what = 'pull') is not true, 'and nothing of the managers''');
select is((select jsonb_array_length(json -> 'receipts') from said where what = 'pull'), 3, 'with this device''s receipts');
insert into said select 'again', sync_pull(jsonb_build_object('shop', '20000000-0000-4000-8000-000000000001', 'device', 'd', 'limit', 100,
  'cursor', json -> 'head'))::jsonb from said where what = 'pull';
select is((select json -> 'rows' from said where what = 'again'), '[]', 'from there on there is nothing new');
select is(sync_pull('{"shop": "20000000-0000-4000-8000-000000000001", "device": "d", "limit": 100,
  "cursor": {"epoch": "of another history", "n": 1, "tag": "x"}}')::jsonb ->> 'reset', 'true', 'another history is a reset');

select throws_ok($$ select sync_push('{"shop": "20000000-0000-4000-8000-000000000001", "device": "x", "generation": 1, "epoch": "", "ops": []}') $$,
                 'PT409', null, 'without a session there is no push');
select throws_ok($$ select sync_push('{"shop": "20000000-0000-4000-8000-000000000002", "device": "d", "generation": 1, "epoch": "", "ops": []}') $$,
                 'PT403', null, 'nor into another shop');
select throws_ok($$ select found_shop('Mine') $$, '42501', null, 'shops are founded with the service key');
select throws_ok($$ select forget_deleted() $$, '42501', null, 'and looked after with it');
reset role;

select * from finish();
rollback;
