// A hub of its own for each test file, started and stopped as an operator would.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { createClient } from "@supabase/supabase-js";
import WebSocket from "ws";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The path of a program that cargo built, unless this variable names another. */
export function program(name, variable) {
  const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
  const path = process.env[variable] ?? join(target, "debug", name);
  if (!existsSync(path)) {
    throw new Error(`${path} is not there: run \`cargo xtask test web\`, or name it in ${variable}`);
  }
  return path;
}

function start(command, data, ...more) {
  return spawn(program("counterpart-hub", "COUNTERPART_HUB"), [command, "--data", data, "--json", ...more], { stdio: ["ignore", "pipe", "ignore"] });
}

async function firstLine(process) {
  const [line] = await once(createInterface({ input: process.stdout }), "line");
  return JSON.parse(line);
}

async function run(command, data, ...more) {
  const process = start(command, data, ...more);
  const ended = once(process, "exit");
  const answer = await firstLine(process);
  const [status] = await ended;
  if (status !== 0) throw new Error(`counterpart-hub ${command} ended with ${status}`);
  return answer;
}

/** A shop with its owner and one technician, on a port of its own. */
export async function openShop() {
  const data = await mkdtemp(join(tmpdir(), "counterpart-hub-"));
  const made = await run("init", data);
  const technician = await run("invite", data, "--email", "tech@shop.example", "--role", "technician");
  const process = start("serve", data, "--listen", "127.0.0.1:0");
  const { url } = await firstLine(process);
  return {
    shop: made.shop,
    owner: made.owner,
    technician,
    url,
    anonKey: made.anon_key,
    client: (key = made.anon_key) =>
      createClient(url, key, {
        auth: { persistSession: false, autoRefreshToken: false },
        realtime: { transport: WebSocket },
      }),
    async close() {
      const ended = once(process, "exit");
      process.kill("SIGTERM");
      const [status] = await ended;
      await rm(data, { recursive: true });
      if (status !== 0) throw new Error(`counterpart-hub serve ended with ${status}`);
    },
  };
}

/** A client that has signed in. */
export async function signedIn(shop, person) {
  const client = shop.client();
  const { data, error } = await client.auth.signInWithPassword(person);
  if (error) throw error;
  return { client, session: data.session };
}

/** Joins a channel, and gives the first final state that the client reports. */
export function joined(channel) {
  return new Promise((resolve) => {
    channel.subscribe((status, error) => resolve({ status, error }));
  });
}
