import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { openBrowser, openDemo } from "./demo.js";

let demo;
let browser;
let page;
let desk;
let bench;

before(async () => {
  [demo, browser] = await Promise.all([openDemo(), openBrowser()]);
  page = browser.page;
  await page.goto(demo.address);
  await page.getByText("Now it is your turn").waitFor();
  desk = page.getByRole("article", { name: "iPad" });
  bench = page.getByRole("article", { name: "Android" });
});
after(async () => {
  await browser.close();
  assert.equal(await demo.close(), 0, "the demo ends when it is asked to");
});

const network = (device) => device.getByRole("switch");
const synced = (device) => device.getByText("Everything is synced.").waitFor();
const row = (device, number) => device.locator(".tickets li").filter({ hasText: number });
const waiting = (device) => device.locator(".fact").filter({ hasText: "waiting" }).locator("dd").textContent();

async function firstNumber(device) {
  return (await device.locator(".tickets .number").first().textContent()).trim();
}

async function write(device, number, text) {
  await row(device, number).getByRole("button", { name: `Edit ticket ${number}` }).click();
  await page.getByLabel("What the customer says is wrong").fill(text);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("dialog").waitFor({ state: "hidden" });
}

test("the day ended with all replicas equal, and the page says so", async () => {
  assert.equal(demo.day.equal, true);
  assert.equal(demo.day.conflicts, 1);
  await page.getByText("Reachable").waitFor();
  const replicas = page.getByRole("list", { name: "Devices as the hub knows them" });
  await replicas.getByText("✓ equal").nth(demo.day.devices - 1).waitFor();
  await page.getByText("every device and the hub hold the same").waitFor();
});

test("an edit made offline waits, and reaches the other device when the network is back", async () => {
  const number = await firstNumber(desk);
  await network(desk).click();
  await desk.getByText("Offline. Work goes on").waitFor();
  assert.equal(await network(desk).getAttribute("aria-checked"), "false");
  const text = "سقط الهاتف في الماء";
  await write(desk, number, text);
  await row(desk, number).getByText("waiting").waitFor();
  await desk.getByText(`Changed: ticket ${number}`).waitFor();
  assert.equal(await waiting(desk), "1");
  assert.equal(await bench.getByText(text).count(), 0, "nobody else has it yet");
  await network(desk).click();
  await row(bench, number).getByText(text).waitFor();
  await synced(desk);
  assert.equal(await waiting(desk), "0");
  await row(desk, number).getByText("✓ synced").waitFor();
  await bench.locator(".notices").getByText("Amara Okafor").first().waitFor();
});

test("two people write into one field, both versions are kept, and one decides", async () => {
  await page.getByRole("button", { name: "Both edit the same field" }).click();
  const [here, there] = [desk, bench].map((device) => device.getByRole("region", { name: /^Conflict on ticket/ }));
  await here.waitFor();
  await there.waitFor();
  const mine = there.locator(".version").filter({ hasText: "Keep mine" });
  const kept = await mine.locator("p").textContent();
  assert.match(kept, /^Bench, /);
  await there.locator(".version").filter({ hasText: "Keep theirs" }).getByText("Counter, ").waitFor();
  await mine.getByRole("button", { name: /^Keep mine: ticket \d+, on the Android$/ }).click();
  await there.waitFor({ state: "detached" });
  await here.waitFor({ state: "detached" });
  await desk.locator(".tickets").getByText(kept).waitFor();
  await bench.locator(".tickets").getByText(kept).waitFor();
});

test("the other version can be kept as well, from the other device", async () => {
  await page.getByRole("button", { name: "Both edit the same field" }).click();
  const here = desk.getByRole("region", { name: /^Conflict on ticket/ });
  const counter = here.locator(".version").filter({ hasText: "Counter, " });
  const kept = await counter.locator("p").textContent();
  await counter.getByRole("button").click();
  await here.waitFor({ state: "detached" });
  await bench.locator(".tickets").getByText(kept).waitFor();
  await synced(bench);
});

test("the page is worked with the keyboard alone", async () => {
  const number = await firstNumber(bench);
  const button = row(bench, number).getByRole("button", { name: `Edit ticket ${number}` });
  await button.focus();
  await page.keyboard.press("Enter");
  const field = page.getByLabel("What the customer says is wrong");
  await field.waitFor();
  assert.equal(await field.evaluate((it) => it === document.activeElement), true, "the field has the focus");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  assert.equal(await button.evaluate((it) => it === document.activeElement), true, "the focus is back");
  await network(bench).focus();
  await page.keyboard.press("Space");
  await bench.getByText("Offline. Work goes on").waitFor();
  await page.keyboard.press("Space");
  await synced(bench);
});

test("everything that can be pressed has a name, and ids are unique", async () => {
  const wrong = await page.evaluate(() => {
    const ids = [...document.querySelectorAll("[id]")].map((it) => it.id);
    const nameless = [...document.querySelectorAll("button, [role], textarea, progress")].filter((it) =>
      !(it.getAttribute("aria-label") || it.getAttribute("aria-live") || it.labels?.length || it.textContent.trim()));
    return [...ids.filter((id, at) => ids.indexOf(id) !== at), ...nameless.map((it) => it.outerHTML)];
  });
  assert.deepEqual(wrong, []);
  assert.equal(await page.getByRole("heading", { level: 1 }).count(), 1);
});

/** The contrast of an element's text on what lies behind it, as WCAG reckons it. */
function contrast(selector) {
  const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
  const light = (colour) => {
    const [red, green, blue] = channels(colour).slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const text = document.querySelector(selector);
  let behind = text;
  while (channels(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
  const [one, other] = [text, behind].map((it, at) =>
    light(at === 0 ? getComputedStyle(it).color : getComputedStyle(it).backgroundColor));
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

for (const colorScheme of ["light", "dark"]) {
  test(`the ${colorScheme} page can be read`, async () => {
    await page.emulateMedia({ colorScheme });
    for (const selector of ["h1", ".about", ".standing .good", ".chip.synced", "#clash", "time", ".fact dt"]) {
      const found = await page.evaluate(contrast, selector);
      assert.ok(found >= 4.5, `${selector} has a contrast of ${found.toFixed(1)}`);
    }
    const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = Number(ground.match(/\d+/)[0]) < 128;
    assert.equal(dark, colorScheme === "dark");
  });
}

test("a narrow screen shows everything without scrolling sideways", async () => {
  await page.setViewportSize({ width: 320, height: 700 });
  const wide = await page.evaluate(() =>
    [...document.querySelectorAll("main *")].filter((it) => it.getBoundingClientRect().right > innerWidth + 1).length);
  assert.equal(wide, 0);
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 320);
  await network(desk).click();
  await desk.getByText("Offline. Work goes on").waitFor();
  await network(desk).click();
  await synced(desk);
  await page.setViewportSize({ width: 1400, height: 1000 });
});

test("nobody without the address gets in, and no other page presses a button", async () => {
  const url = new URL(demo.address);
  const button = { method: "POST", body: JSON.stringify({ do: "network", device: "desk", up: false }) };
  const status = async (path, request) => (await fetch(new URL(path, url), request)).status;
  assert.equal(await status("/"), 404);
  assert.equal(await status("/guessed/"), 404);
  assert.equal(await status("/guessed/events"), 404);
  assert.equal(await status("press", button), 404, "who does not say where from");
  assert.equal(await status("press", { ...button, headers: { origin: "https://evil.example" } }), 404);
  const nonsense = { method: "POST", body: "{}", headers: { origin: url.origin } };
  assert.equal(await status("press", nonsense), 400);
  assert.equal(await network(desk).getAttribute("aria-checked"), "true", "none of it did anything");
});

test("the browser had nothing to complain of", () => {
  assert.deepEqual(browser.complaints, []);
});
