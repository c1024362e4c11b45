import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { openShop, signedIn } from "./hub.js";

let shop;
before(async () => (shop = await openShop()));
after(() => shop.close());

test("the owner signs in and is who they are", async () => {
  const { client, session } = await signedIn(shop, shop.owner);
  assert.equal(session.token_type, "bearer");
  const { data, error } = await client.auth.getUser();
  assert.equal(error, null);
  assert.equal(data.user.email, shop.owner.email);
  assert.equal(data.user.app_metadata.must_change_password, true);
});

test("a wrong password is told with its code", async () => {
  const { error } = await shop.client().auth.signInWithPassword({ ...shop.owner, password: "wrong" });
  assert.equal(error.status, 400);
  assert.equal(error.code, "invalid_credentials");
  assert.equal(error.message, "Invalid login credentials");
});

test("nobody signs up alone", async () => {
  const { error } = await shop.client().auth.signUp({ email: "new@shop.example", password: "long enough" });
  assert.equal(error.code, "signup_disabled");
});

test("a session is refreshed, and its predecessor once more", async () => {
  const { client, session } = await signedIn(shop, shop.owner);
  const { data, error } = await client.auth.refreshSession();
  assert.equal(error, null);
  assert.notEqual(data.session.refresh_token, session.refresh_token);
  const again = await shop.client().auth.refreshSession({ refresh_token: session.refresh_token });
  assert.equal(again.data.session.refresh_token, data.session.refresh_token);
  const forged = await shop.client().auth.refreshSession({ refresh_token: "forged" });
  assert.equal(forged.error.code, "refresh_token_not_found");
});

test("the client checks a token itself with the public keys", async () => {
  const { client, session } = await signedIn(shop, shop.owner);
  const { data, error } = await client.auth.getClaims(session.access_token);
  assert.equal(error, null);
  assert.equal(data.claims.role, "authenticated");
  assert.equal(data.header.alg, "ES256");
});

test("a person changes their first password", async () => {
  const { client } = await signedIn(shop, shop.technician);
  const weak = await client.auth.updateUser({ password: "short" });
  assert.equal(weak.error.code, "weak_password");
  assert.deepEqual(weak.error.reasons, ["length"]);
  const { data, error } = await client.auth.updateUser({ password: "a chosen password", data: { theme: "dark" } });
  assert.equal(error, null);
  assert.equal(data.user.app_metadata.must_change_password, false);
  assert.equal(data.user.user_metadata.theme, "dark");
  shop.technician.password = "a chosen password";
  await signedIn(shop, shop.technician);
});

test("sign-out ends the session", async () => {
  const { client, session } = await signedIn(shop, shop.owner);
  assert.equal((await client.auth.signOut()).error, null);
  const { error } = await shop.client().auth.getUser(session.access_token);
  assert.equal(error.name, "AuthSessionMissingError");
  const refresh = await shop.client().auth.refreshSession({ refresh_token: session.refresh_token });
  assert.equal(refresh.error.code, "refresh_token_not_found");
});

test("a function that the hub does not have is PGRST202", async () => {
  const { client } = await signedIn(shop, shop.owner);
  const { error, status } = await client.rpc("no_such_function", { a: 1 });
  assert.equal(status, 404);
  assert.equal(error.code, "PGRST202");
});

test("a key that is not the hub's gets nothing", async () => {
  const { error } = await shop.client("sb_publishable_guess").auth.signInWithPassword(shop.owner);
  assert.equal(error.status, 401);
});
