// The moderator's pages, made pleasant: decisions without a reload, keys, times in the reader's own zone.
// Every page works without this file.

const bar = document.querySelector("#bar");
const queue = document.querySelector("[data-queue]");
const dialog = document.querySelector("#keys");
const STORED = "transom-admin-keys";

/** Entries that a decision has hidden, by comment. */
const hidden = new Map();

/** Decisions that the server has not answered yet. */
let pending = 0;

for (const time of document.querySelectorAll("time")) {
  const moment = new Date(time.dateTime);
  if (!Number.isNaN(moment.getTime())) {
    time.title = time.textContent;
    time.textContent = moment.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  }
}

// After a decision that loaded the page again, one goes on where one was.
document.getElementById(`c-${bar?.dataset.comment}`)?.focus({ preventScroll: true });

if (queue) {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-decide]")) {
      event.preventDefault();
      decide(form, event.submitter);
    } else if (form.matches("[data-undo]")) {
      event.preventDefault();
      undo(form);
    }
  });
}

/** Hide the entry at once, tell the server, and bring the entry back where it says no. */
async function decide(form, submitter) {
  const entry = form.closest("[data-entry]");
  const next = neighbour(entry, 1) ?? neighbour(entry, -1);
  entry.classList.add("leaving");
  entry.hidden = true;
  (next ?? document.querySelector("main")).focus();
  count(-1);
  pending += 1;
  try {
    const answer = await post(form, submitter);
    hidden.set(answer.comment, entry);
    tell(answer.message, { decision: answer.undo, action: address(form) });
  } catch (error) {
    show(entry);
    tell(error.message, { bad: true });
  }
  pending -= 1;
  if (pending === 0 && !neighbour(null, 1)) {
    goOn();
  }
}

/** Take the last decision back, and show the entry again. */
async function undo(form) {
  try {
    const answer = await post(form, form.querySelector("[name=action]"));
    const entry = hidden.get(answer.comment);
    if (!entry) {
      location.reload();
      return;
    }
    hidden.delete(answer.comment);
    show(entry);
    entry.focus();
    tell(answer.message);
  } catch (error) {
    tell(error.message, { bad: true });
  }
}

/** Where a form leads; `form.action` is its button of that name. */
function address(form) {
  return form.getAttribute("action");
}

async function post(form, submitter) {
  const response = await fetch(address(form), {
    method: "POST",
    headers: { accept: "application/json" },
    body: new URLSearchParams(new FormData(form, submitter)),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new Error(answer.detail ?? "The server did not answer. Nothing was changed; try again.");
  }
  return answer;
}

function show(entry) {
  entry.hidden = false;
  entry.classList.remove("leaving");
  count(1);
}

/** Say what happened, with the way back where there is one. */
function tell(message, { decision = null, action = "", bad = false } = {}) {
  const form = bar.querySelector("form");
  bar.hidden = false;
  bar.classList.toggle("bad", bad);
  bar.querySelector("[data-message]").textContent = message;
  form.hidden = !decision;
  if (decision) {
    form.setAttribute("action", action);
    form.elements.decision.value = decision;
  }
}

/** Keep the number in the menu right. */
function count(by) {
  const place = document.querySelector("[data-held]");
  if (place && /^\d+$/.test(place.textContent)) {
    place.textContent = String(Math.max(0, Number(place.textContent) + by));
  }
}

/** The page is done: the rest of the queue, or what to do now; with the way back still at hand. */
function goOn() {
  const form = bar.querySelector("form");
  const next = new URL(location.href);
  next.search = form.hidden ? "" : new URLSearchParams({ done: form.elements.decision.value }).toString();
  location.replace(next);
}

function entries() {
  return [...document.querySelectorAll("[data-entry]")].filter((entry) => !entry.hidden);
}

/** The entry that stands `by` places from this one; from none, the first. */
function neighbour(entry, by) {
  const all = [...document.querySelectorAll("[data-entry]")];
  let place = entry ? all.indexOf(entry) : by > 0 ? -1 : all.length;
  do {
    place += by;
  } while (all[place]?.hidden);
  return all[place];
}

function current() {
  return document.activeElement?.closest("[data-entry]") ?? null;
}

// Keys

const keysAreOn = () => {
  try {
    return localStorage.getItem(STORED) !== "off";
  } catch {
    return true;
  }
};

if (dialog) {
  const box = dialog.querySelector("#keys-on");
  box.checked = keysAreOn();
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(STORED, box.checked ? "on" : "off");
    } catch {
      // Without storage the choice holds for this page alone.
    }
  });
  const help = document.querySelector("[data-help]");
  help.hidden = false;
  help.addEventListener("click", () => dialog.showModal());
  document.addEventListener("keydown", (event) => {
    const busy = event.ctrlKey || event.metaKey || event.altKey || dialog.open;
    // A dialog that has just been closed may still hold the focus until the page is laid out anew.
    const field = event.target.closest?.("input, textarea, select, [contenteditable]");
    const typing = field && !dialog.contains(field);
    if (!busy && !typing && box.checked && press(event.key)) {
      event.preventDefault();
    }
  });
}

/** Do what a key stands for; whether it stands for something. */
function press(key) {
  const presses = { a: "approve", h: "hold", r: "reject", d: "remove" };
  switch (key) {
    case "j":
    case "k":
      step(key === "j" ? 1 : -1);
      return true;
    case "u":
      bar?.querySelector("form:not([hidden]) button")?.click();
      return true;
    case "o":
      current()?.querySelector("[data-open]")?.click();
      return true;
    case "?":
      dialog.showModal();
      return true;
  }
  const entry = current() ?? (entries().length === 1 ? entries()[0] : null);
  const button = presses[key] && entry?.querySelector(`[data-decide] [value=${presses[key]}]`);
  button?.click();
  return Boolean(button);
}

function step(by) {
  const entry = neighbour(current(), by);
  entry?.focus();
  entry?.scrollIntoView({ block: "nearest" });
}
