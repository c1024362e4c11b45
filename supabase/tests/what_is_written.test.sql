-- What happens to whatever is written in SQL: it is stamped, audited and poked, deletions leave tombstones, and what was
-- deleted long ago or written with triggers off is taken care of.
begin;
create extension if not exists pgtap with schema extensions;
set local search_path = public, extensions;
select plan(21);

select found_shop('Ours', shop => '20000000-0000-4000-8000-000000000001');
select found_shop('Elsewhere', shop => '20000000-0000-4000-8000-000000000002');
-- Each of the blocks below is a commit of its own for the shop, though not for the database.
create temporary table heads_before on commit drop as select shop_id, head from counterpart.heads;
select set_config('counterpart.locked', '', true), set_config('counterpart.commits', '', true);

select throws_ok($$ insert into customers (shop_id, last_name) values ('20000000-0000-4000-8000-000000000001', 'x') $$, '55000', null,
                 'whoever works in no shop says first which one they change');
select lives_ok($$ select lock_shops(array['20000000-0000-4000-8000-000000000001']::uuid[]) $$, 'which takes its lock');
insert into customers (shop_id, id, last_name, phones, tags)
values ('20000000-0000-4000-8000-000000000001', 'c1', 'Okafor', '["+4930123456"]', '[" vip ", "vip"]');
insert into tickets (shop_id, id, customer_id, subject, problem)
values ('20000000-0000-4000-8000-000000000001', 't1', 'c1', 'Screen', 'dropped');
select throws_ok($$ insert into customers (shop_id, last_name) values ('20000000-0000-4000-8000-000000000002', 'x') $$, '55000', null,
                 'another shop was not named');
select is((select h.head - b.head from counterpart.heads as h join heads_before as b using (shop_id)
           where h.shop_id = '20000000-0000-4000-8000-000000000001'), 1::bigint, 'one commit for all of it');
select is((select head from counterpart.heads where shop_id = '20000000-0000-4000-8000-000000000002'),
          (select head from heads_before where shop_id = '20000000-0000-4000-8000-000000000002'), 'and none elsewhere');
select is((select stamp from customers where id = 'c1'),
          (select head from counterpart.heads where shop_id = '20000000-0000-4000-8000-000000000001'), 'rows have its number');
select is((select wire::jsonb -> 'tags' from customers where id = 'c1'), '["vip"]', 'a set is spelled in one way');
select is((select wire::jsonb #>> '{phones,0,number}' from customers where id = 'c1'), '+4930123456', 'and travels so');
select is((select count(*) from audit where tbl = 'customers' and id = 'c1' and field = 'last_name' and became = '"Okafor"'),
          1::bigint, 'it is in the audit');
select throws_ok($$ insert into customers (shop_id, last_name, phones) values ('20000000-0000-4000-8000-000000000001', 'x', '["030"]') $$,
                 '23514', 'customers.phones must be a phone number with + and country code', 'a limit says its field and never the value');
select throws_ok($$ delete from customers where id = 'c1' $$, 'CP001', 'has_open_tickets', 'whoever has something here is not deleted');
select throws_ok($$ truncate tickets $$, '0A000', null, 'a truncation is refused');
select throws_ok($$ insert into ticket_notes (shop_id, ticket_id, body) values ('20000000-0000-4000-8000-000000000001', 't9', 'x') $$,
                 'CP001', 'not_found', 'a note finds its ticket or is none');
delete from tickets where id = 't1';
select ok((select deleted_at is not null and wire::jsonb ->> 'deleted_at' is not null from tickets where id = 't1'),
          'a deletion leaves a tombstone');

-- Half a year later.
select set_config('counterpart.keeps', 'forgets', true);
update tickets set deleted_at = now() - interval '181 days' where id = 't1';
select set_config('counterpart.keeps', '', true);
create temporary table stamp_before on commit drop as select stamp from tickets where id = 't1';
select is(forget_deleted(), 1::bigint, 'what was deleted long ago is emptied');
select is((select row(t.subject, t.problem, t.customer_id)::text from tickets as t where id = 't1'), '(-,,c1)', 'to whom it belonged stays');
select is((select stamp from tickets where id = 't1'), (select stamp from stamp_before), 'which is no commit');
select is(forget_deleted(), 0::bigint, 'and done once');
select throws_ok($$ insert into ticket_events (shop_id, ticket_id, "from", "to")
                    values ('20000000-0000-4000-8000-000000000001', 't1', 'received', 'diagnosing') $$,
                 'CP001', 'deleted', 'it comes back by nothing');

select is((select count(*) from look_over()), 0::bigint, 'the books are in order');
select is(restamp(), 0::bigint, 'and there is nothing to stamp');

select * from finish();
rollback;
