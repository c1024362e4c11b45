"use strict";

// What was heard last. Everything on the page follows from it.
let view = null;
let editing = null;
let opener = null;

const byId = (id) => document.getElementById(id);

/** An element with attributes and children; nothing is ever parsed as HTML. */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

/** Makes one element look like another and keeps it where it can: who has the focus keeps it. */
function become(there, wanted) {
  for (const { name } of [...there.attributes]) if (!wanted.hasAttribute(name)) there.removeAttribute(name);
  for (const { name, value } of [...wanted.attributes]) {
    if (there.getAttribute(name) !== value) there.setAttribute(name, value);
  }
  const fresh = [...wanted.childNodes];
  fresh.forEach((node, at) => {
    const old = there.childNodes[at];
    if (!old) there.append(node);
    else if (old.nodeType !== node.nodeType || old.nodeName !== node.nodeName) old.replaceWith(node);
    else if (node.nodeType === Node.TEXT_NODE) { if (old.data !== node.data) old.data = node.data; }
    else become(old, node);
  });
  while (there.childNodes.length > fresh.length) there.lastChild.remove();
}

function fill(id, ...children) {
  const there = byId(id);
  const wanted = there.cloneNode(false);
  wanted.append(...children.flat().filter(Boolean));
  become(there, wanted);
}

// Names of people come in every direction: each stands alone.
const name = (text) => h("bdi", {}, text);
const clock = (ms) => h("time", { datetime: new Date(ms).toISOString() }, new Date(ms).toLocaleTimeString());
const button = (label, press, more = {}) =>
  h("button", { type: "button", class: "button small", disabled: !view.open, "data-press": JSON.stringify(press), ...more }, label);

const SYNC = { synced: "✓ synced", pending: "waiting", syncing: "sending", failed: "failed", conflict: "conflict" };

function ticket(device, row) {
  const label = `Edit ticket ${row.number} on the ${device.name}`;
  return h("li", { "data-ticket": row.id },
    h("div", { class: "title" }, h("span", { class: "number" }, row.number), h("bdi", {}, row.subject)),
    h("div", { class: "about" }, name(row.customer || "No name"), ` · ${row.status}`),
    h("div", { class: "problem", dir: "auto" }, row.problem || "Nothing written down yet."),
    h("div", { class: "side" },
      h("span", { class: `chip ${row.sync}` }, SYNC[row.sync]),
      h("button", { type: "button", class: "button quiet small", disabled: !view.open, "data-edit": row.id, "data-device": device.key, "aria-label": label }, "Edit")));
}

function conflict(device, open) {
  const version = (it) => {
    const label = it.own ? "Keep mine" : "Keep theirs";
    const press = { do: "resolve", device: device.key, conflict: open.id, with: it.choice };
    return h("div", { class: "version" },
      h("span", { class: "by" }, name(it.by), it.own ? " (at this device)" : ""),
      h("p", { dir: "auto" }, it.text || "(empty)"),
      button(label, press, { "aria-label": `${label}: ticket ${open.about}, on the ${device.name}` }));
  };
  const versions = [...open.versions].sort((a, b) => b.own - a.own);
  return h("section", { class: "conflict", "aria-label": `Conflict on ticket ${open.about}` },
    h("p", {}, h("strong", {}, `Ticket ${open.about}: `), `two versions of “${open.field}”. Both are kept until somebody decides.`),
    h("div", { class: "versions" }, versions.map(version)));
}

/** Offline is the network's, unreachable the server's: two different things to a person. */
function standing(device) {
  if (!device.online) return h("span", { class: "off-text" }, "Offline. Work goes on, and waits here.");
  if (!device.reachable) return h("span", { class: "bad-text" }, "Online, but the hub cannot be reached.");
  if (device.pending > 0 || device.syncing) return h("span", { class: "wait-text" }, "Sending …");
  return h("span", { class: "good" }, "Everything is synced.");
}

function fact(label, value, kind) {
  return h("div", { class: `fact ${value > 0 ? kind : ""}` }, h("dt", {}, label), h("dd", {}, String(value)));
}

function device(it) {
  const more = it.pending + it.failed - it.queue.length;
  const toggle = h("button", {
    type: "button", class: "switch", role: "switch", "aria-checked": String(it.online), disabled: !view.open,
    "aria-label": `Network of the ${it.name}`,
    "data-press": JSON.stringify({ do: "network", device: it.key, up: !it.online }),
  }, h("span", { class: "track", "aria-hidden": "true" }), it.online ? "Online" : "Offline");
  return h("article", { class: `card device ${it.online ? "" : "offline"}`, "data-device": it.key, "aria-labelledby": `name-${it.key}` },
    h("header", {},
      h("div", {}, h("h2", { id: `name-${it.key}` }, it.name), h("p", { class: "muted" }, `${it.place} · `, name(it.person))),
      toggle),
    h("p", { class: "standing" }, standing(it), " ",
      it.last_synced_at ? h("span", { class: "muted small" }, "Last synced ", clock(it.last_synced_at)) : ""),
    h("dl", { class: "facts" },
      fact("waiting", it.pending, "wait"), fact("failed", it.failed, "bad"), fact("conflicts", it.conflicts.length, "clash")),
    it.conflicts.length > 0 && h("div", { class: "block" }, h("h3", {}, "To decide"), it.conflicts.map((open) => conflict(it, open))),
    h("div", { class: "block" }, h("h3", {}, "Queue"),
      it.queue.length === 0 ? h("p", { class: "muted small" }, "Nothing waits.") :
        h("ul", { class: "queue" },
          it.queue.map((op) => h("li", { class: `chip ${op.failed ? "failed" : "pending"}` }, `${op.what}: ${op.about}`)),
          more > 0 && h("li", { class: "chip synced" }, `and ${more} more`)),
      it.failed > 0 && button("Try again", { do: "retry", device: it.key }, { "aria-label": `Try again on the ${it.name}` })),
    h("div", { class: "block" }, h("h3", {}, "Open tickets, last changed first"),
      it.tickets.length === 0 ? h("p", { class: "empty" }, "No open tickets. Take a device in.") :
        h("ul", { class: "tickets" }, it.tickets.map((row) => ticket(it, row))),
      button("Take in a device", { do: "take_in", device: it.key }, { class: "button quiet small", "aria-label": `Take in a device at the ${it.name}` })),
    h("div", { class: "block" }, h("h3", {}, "Heard from others"),
      it.notices.length === 0 ? h("p", { class: "muted small" }, "Nothing yet.") :
        h("ul", { class: "notices" }, it.notices.map((heard) => h("li", {}, h("span", {}, name(heard.by), `: ${heard.what}`), clock(heard.at))))));
}

function hub(it) {
  const replica = (known) => {
    const [kind, says] = known.equal === true ? ["good", "✓ equal"]
      : known.equal === false ? ["bad-text", "differs"]
      : ["wait-text", known.cursor === it.head ? "has unsent work" : "is behind"];
    return h("li", { class: "replica" },
      h("strong", {}, known.name), h("span", { class: kind }, says),
      h("span", { class: "small" }, known.place),
      h("span", { class: "small" }, `commit ${known.cursor}`));
  };
  return [
    h("div", {}, h("h2", { id: "hub-title" }, "Hub"),
      h("p", { class: "hub-facts" },
        h("span", { class: it.reachable ? "good" : "bad-text" }, it.reachable ? "● Reachable" : "● Not reachable"),
        h("span", {}, `commit ${it.head}`), h("span", { class: "muted small" }, it.url))),
    h("ul", { class: "replicas", "aria-label": "Devices as the hub knows them" }, it.devices.map(replica)),
  ];
}

function line(it) {
  if (it.kind === "chapter") return h("li", { class: "chapter" }, it.what);
  const what = it.kind === "check" ? `✓ ${it.what}` : it.what;
  return h("li", { class: it.kind }, h("time", {}, `${(it.at / 1000).toFixed(2)} s`),
    h("span", {}, it.who && h("b", {}, `${it.who} `), h("bdi", {}, what)));
}

function draw() {
  const lines = byId("lines");
  const atEnd = lines.scrollTop + lines.clientHeight >= lines.scrollHeight - 40;
  byId("phase").textContent = view.open ? "The day is over. Now it is your turn." : "The day is being worked. Watch.";
  fill("day-bar", view.open ? null : h("div", { class: "day-progress" },
    h("progress", { max: 100, value: view.percent, "aria-label": "The day" }), h("span", {}, `${view.percent} %`)));
  fill("hub", ...hub(view.hub));
  fill("devices", ...view.devices.map(device));
  fill("lines", ...view.lines.map(line));
  byId("clash").disabled = !view.open || !free();
  if (atEnd) lines.scrollTop = lines.scrollHeight;
}

/** The first ticket that both show and nobody has to decide about. */
function free() {
  const [one, other] = view.devices;
  const fits = (row) => row.sync !== "conflict" && other.tickets.some((their) => their.id === row.id);
  return one && other && one.tickets.find(fits);
}

let clearing;
function say(text) {
  byId("toast").textContent = text;
  clearTimeout(clearing);
  clearing = setTimeout(() => { byId("toast").textContent = ""; }, 6000);
}

// One after the other, as they were pressed.
let last = Promise.resolve();
function press(what) {
  last = last.then(() => ask(what));
  return last;
}

async function ask(what) {
  try {
    const answer = await fetch("press", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(what) });
    if (answer.ok) return true;
    const told = await answer.json().catch(() => ({}));
    say(told.message ?? "That did not work.");
  } catch {
    say("The demo cannot be reached.");
  }
  return false;
}

function edit(button) {
  const at = view.devices.find((it) => it.key === button.dataset.device);
  const row = at?.tickets.find((it) => it.id === button.dataset.edit);
  if (!row) return;
  editing = { device: at.key, ticket: row.id };
  opener = button.getAttribute("aria-label");
  byId("editor-title").textContent = `Ticket ${row.number}, on the ${at.name}`;
  byId("problem").value = row.problem;
  byId("editor-hint").textContent = at.online ? "It is sent at once." : "This device is offline: it waits in the queue.";
  byId("editor").showModal();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button || button.disabled) return;
  if (button.dataset.press) press(JSON.parse(button.dataset.press));
  else if (button.dataset.edit) edit(button);
});
byId("clash").addEventListener("click", async () => {
  const row = free();
  if (row && await press({ do: "clash", ticket: row.id })) say(`Ticket ${row.number} has two versions now. Decide on either device.`);
});
byId("cancel").addEventListener("click", () => byId("editor").close());
byId("editor").addEventListener("close", () => {
  [...document.querySelectorAll("[data-edit]")].find((it) => it.getAttribute("aria-label") === opener)?.focus();
});
byId("editor-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (await press({ do: "edit", ...editing, problem: byId("problem").value })) byId("editor").close();
  else byId("editor-hint").textContent = byId("toast").textContent;
});

const events = new EventSource("events");
events.addEventListener("message", (event) => {
  const heard = JSON.parse(event.data);
  if (!heard.devices) return;
  view = heard;
  draw();
});
events.addEventListener("open", () => { byId("lost").hidden = true; });
events.addEventListener("error", () => { byId("lost").hidden = false; });
