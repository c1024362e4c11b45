-- A shop to try things out in, with an owner who signs in as owner@shop.example once the dashboard has given the account
-- a password. Run by `supabase db reset`, never on a database that people use.

insert into auth.users (id, aud, role, email, email_confirmed_at, created_at, updated_at)
values ('00000000-0000-7000-8000-000000000001', 'authenticated', 'authenticated', 'owner@shop.example', now(), now(), now());

select public.take_in(public.found_shop('The Menders'), '00000000-0000-7000-8000-000000000001', 'owner@shop.example', 'owner');
