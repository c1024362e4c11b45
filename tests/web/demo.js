// The demo and a browser for one test file: both fresh, both gone afterwards.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { chromium } from "playwright-core";

import { program } from "./hub.js";

const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/** A demo whose day is over. */
export async function openDemo() {
  const process = spawn(program("demo", "COUNTERPART_DEMO"), ["--json"], { stdio: ["ignore", "pipe", "ignore"] });
  const ended = once(process, "exit");
  const lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
  const line = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error("the demo ended before it was ready");
    return JSON.parse(value);
  };
  const { page: address } = await line();
  const day = await line();
  return {
    address,
    day,
    async close() {
      process.kill("SIGTERM");
      return (await ended)[0];
    },
  };
}

/** A browser with nothing in it, and all that its pages complain of. */
export async function openBrowser() {
  const profile = await mkdtemp(join(tmpdir(), "counterpart-browser-"));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.COUNTERPART_CHROMIUM ?? "/usr/bin/chromium",
    args: FLAGS,
    viewport: { width: 1400, height: 1000 },
  });
  const complaints = [];
  browser.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  browser.on("weberror", (error) => complaints.push(String(error.error())));
  return {
    page: browser.pages()[0] ?? (await browser.newPage()),
    complaints,
    async close() {
      await browser.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
