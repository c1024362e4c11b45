import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { joined, openShop, signedIn } from "./hub.js";

let shop;
const clients = [];
before(async () => (shop = await openShop()));
after(async () => {
  for (const client of clients) {
    await client.removeAllChannels();
    await client.realtime.disconnect();
  }
  await shop.close();
});

async function person(who) {
  const { client } = await signedIn(shop, who);
  await client.realtime.setAuth();
  clients.push(client);
  return client;
}

/** The next message that a handler is given. */
function next(register) {
  return new Promise((resolve) => register(resolve));
}

const topic = (kind) => `${kind}:${shop.shop}`;

test("a member joins the shop's private channel and hears a broadcast, also their own", async () => {
  const [owner, technician] = [await person(shop.owner), await person(shop.technician)];
  const speaking = owner.channel(topic("shop"), { config: { private: true, broadcast: { self: true, ack: true } } });
  const hearing = technician.channel(topic("shop"), { config: { private: true } });
  const echo = next((heard) => speaking.on("broadcast", { event: "hello" }, heard));
  const heard = next((heard) => hearing.on("broadcast", { event: "hello" }, heard));
  assert.equal((await joined(speaking)).status, "SUBSCRIBED");
  assert.equal((await joined(hearing)).status, "SUBSCRIBED");
  assert.equal(await speaking.send({ type: "broadcast", event: "hello", payload: { n: 1 } }), "ok");
  assert.deepEqual((await heard).payload, { n: 1 });
  assert.deepEqual((await echo).payload, { n: 1 });
});

test("two people see each other come and go", async () => {
  const [owner, technician] = [await person(shop.owner), await person(shop.technician)];
  const config = (key) => ({ config: { private: true, presence: { key } } });
  const first = owner.channel(topic("presence"), config("owner"));
  const came = next((seen) => first.on("presence", { event: "join" }, ({ key, newPresences }) => {
    if (key === "technician") seen(newPresences[0].ticket);
  }));
  const went = next((seen) => first.on("presence", { event: "leave" }, ({ key }) => seen(key)));
  assert.equal((await joined(first)).status, "SUBSCRIBED");
  assert.equal(await first.track({ ticket: 7 }), "ok");

  const second = technician.channel(topic("presence"), config("technician"));
  const state = next((seen) => second.on("presence", { event: "sync" }, () => {
    if (second.presenceState().owner) seen(second.presenceState().owner[0].ticket);
  }));
  assert.equal((await joined(second)).status, "SUBSCRIBED");
  assert.equal(await state, 7);
  assert.equal(await second.track({ ticket: 8 }), "ok");
  assert.equal(await came, 8);
  assert.equal(await second.unsubscribe(), "ok");
  assert.equal(await went, "technician");
});

test("a stranger is turned away with the reason", async () => {
  const stranger = shop.client();
  clients.push(stranger);
  const channel = stranger.channel(topic("shop"), { config: { private: true } });
  const { status, error } = await joined(channel);
  assert.equal(status, "CHANNEL_ERROR");
  assert.match(error.message, /Unauthorized: You do not have permissions to read from this Channel topic/);
});

test("a member of this shop does not hear another", async () => {
  const owner = await person(shop.owner);
  const other = "shop:00000000-0000-7000-8000-000000000000";
  const { status } = await joined(owner.channel(other, { config: { private: true } }));
  assert.equal(status, "CHANNEL_ERROR");
});

test("a channel lives on with a refreshed token", async () => {
  const owner = await person(shop.owner);
  const channel = owner.channel(topic("shop"), { config: { private: true, broadcast: { self: true } } });
  const heard = next((heard) => channel.on("broadcast", { event: "after" }, heard));
  assert.equal((await joined(channel)).status, "SUBSCRIBED");
  const { data } = await owner.auth.refreshSession();
  await owner.realtime.setAuth(data.session.access_token);
  await channel.send({ type: "broadcast", event: "after", payload: {} });
  await heard;
});

test("the older protocol version works too", async () => {
  const { client, session } = await signedIn(shop, shop.owner);
  clients.push(client);
  const { RealtimeClient } = await import("@supabase/supabase-js");
  const { default: transport } = await import("ws");
  const older = new RealtimeClient(`${shop.url.replace("http", "ws")}/realtime/v1`, {
    params: { apikey: shop.anonKey },
    vsn: "1.0.0",
    transport,
  });
  await older.setAuth(session.access_token);
  const channel = older.channel(topic("shop"), { config: { private: true, broadcast: { self: true } } });
  const heard = next((heard) => channel.on("broadcast", { event: "old" }, heard));
  assert.equal((await joined(channel)).status, "SUBSCRIBED");
  await channel.send({ type: "broadcast", event: "old", payload: { n: 1 } });
  assert.deepEqual((await heard).payload, { n: 1 });
  await older.removeAllChannels();
  await older.disconnect();
});
