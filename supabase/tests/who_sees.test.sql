-- Who sees and writes what, asked as PostgREST asks: members of a shop, another shop's, nobody. `supabase test db` runs it,
-- and so does `cargo test`.
begin;
create extension if not exists pgtap with schema extensions;
set local search_path = public, extensions;
select plan(22);

insert into auth.users (id, email) values
  ('10000000-0000-4000-8000-000000000001', 'owner@shop.example'),
  ('10000000-0000-4000-8000-000000000002', 'tess@shop.example'),
  ('10000000-0000-4000-8000-000000000003', 'eve@elsewhere.example');
select found_shop('Ours', shop => '20000000-0000-4000-8000-000000000001');
select found_shop('Elsewhere', shop => '20000000-0000-4000-8000-000000000002');
select take_in('20000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-000000000001', 'owner@shop.example', 'owner');
select take_in('20000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-000000000002', 'tess@shop.example', 'technician');
select take_in('20000000-0000-4000-8000-000000000002', '10000000-0000-4000-8000-000000000003', 'eve@elsewhere.example', 'owner');
insert into inventory_items (shop_id, id, name, price_cents)
values ('20000000-0000-4000-8000-000000000001', 'i1', 'Display', 9900);
insert into item_costs (shop_id, id, item_id, cost_cents)
values ('20000000-0000-4000-8000-000000000001', 'k1', 'i1', 4100);
select is_empty($$ select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and not relrowsecurity $$,
                'every table has row level security');

set local role anon;
select throws_ok($$ select * from customers $$, '42501', null, 'nobody reads a table');
select throws_ok($$ select my_shops() $$, '42501', null, 'nobody calls a function');
reset role;

set local role authenticated;
set local request.jwt.claims = '{"sub": "10000000-0000-4000-8000-000000000002", "role": "authenticated"}';
select results_eq($$ select name from shops $$, $$ values ('Ours') $$, 'a technician sees their shop');
select results_eq($$ select bin, price_cents from inventory_items $$, $$ values (null::text, 9900::bigint) $$, 'and its items');
select is_empty($$ select * from item_costs $$, 'but not what they cost');
select is_empty($$ select * from audit $$, 'nor who changed what');
select lives_ok($$ update inventory_items set bin = 'A3' where id = 'i1' $$, 'a technician puts an item into another bin');
select throws_ok($$ update inventory_items set price_cents = 1 where id = 'i1' $$, '42501', 'managers_only', 'prices are the managers''');
select throws_ok($$ update inventory_items set quantity = 900 where id = 'i1' $$, '23514', null, 'a sum is written by nobody');
select throws_ok($$ select verifier from employee_pins $$, '42501', null, 'verifiers of PINs are selected by nobody');
select throws_ok($$ update employees set role = 'owner' where id = '10000000-0000-4000-8000-000000000002' $$, '42501', null,
                 'nobody raises themselves');
select throws_ok($$ insert into customers (shop_id, last_name) values ('20000000-0000-4000-8000-000000000002', 'x') $$, null, null,
                 'nobody writes into another shop');
select throws_ok($$ select lock_shops(array['20000000-0000-4000-8000-000000000002']::uuid[]) $$, 'PT403', null,
                 'nor holds it up');

set local request.jwt.claims = '{"sub": "10000000-0000-4000-8000-000000000002", "role": "authenticated", "shop_role": "owner"}';
select is_empty($$ select * from item_costs $$, 'a claim gives no role');

set local request.jwt.claims = '{"sub": "10000000-0000-4000-8000-000000000001", "role": "authenticated"}';
select results_eq($$ select cost_cents from item_costs $$, $$ values (4100::bigint) $$, 'the owner sees what items cost');
select ok((select count(*) > 0 from audit where tbl = 'inventory_items' and field = 'bin'
             and actor = '10000000-0000-4000-8000-000000000002'), 'and who put the item there');

set local request.jwt.claims = '{"sub": "10000000-0000-4000-8000-000000000003", "role": "authenticated"}';
select results_eq($$ select name from shops $$, $$ values ('Elsewhere') $$, 'another shop''s owner sees their own');
select is_empty($$ select * from inventory_items $$, 'and nothing of ours');
select is_empty($$ update inventory_items set bin = 'X' where id = 'i1' returning id $$, 'nor changes it');
reset role;

update members set active = false where account = '10000000-0000-4000-8000-000000000002';
set local role authenticated;
set local request.jwt.claims = '{"sub": "10000000-0000-4000-8000-000000000002", "role": "authenticated"}';
select is_empty($$ select * from shops $$, 'who works here no more sees nothing');
select is_empty($$ select * from inventory_items $$, 'not a row');
reset role;

select * from finish();
rollback;
