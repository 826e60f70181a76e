// The module that an open page loads later on: hears what others do there, and has it shown.

import type { TransomElement } from "./element.ts";
import { recount, show } from "./news.ts";
import { type Answer, about } from "./server.ts";

/** How far below or above the window a thread may be and still be followed. */
const NEAR = "600px";

/** Between two looks where no stream can be had: first, and at most, in ms; each waits twice as long as the last. */
const SOON = 5_000;
const LATE = 300_000;

/** When to read once more where an event told of a change, and the page was the same: another process may lag, in ms. */
const LAG = 1_500;

/** How often in a row a stream may fail before it is given up for a while. */
const FAILURES = 2;

/** What a reader does who is there. */
const SIGNS = ["pointermove", "keydown", "scroll", "touchstart"];

/** The elements that were met, without those that had gone by the last time. */
const known = new Set<TransomElement>();

/** The threads that a reader may see soon. */
const near = new Set<TransomElement>();

/** For each key, up to where it was heard, and what was read last. */
const cursors: Record<string, string> = {};
const texts: Record<string, string> = {};

/** What is followed now: a key, and the stream of its server, while there is one. */
let key = "";
let source: EventSource | undefined;
let wait = SOON;
let again: ReturnType<typeof setTimeout> | undefined;
let looking: ReturnType<typeof setTimeout> | undefined;
let isExpected = false;
let isResting = false;
let isOver = !!(navigator as { connection?: { saveData?: boolean } }).connection?.saveData;

const watcher = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      near[isIntersecting ? "add" : "delete"](target as TransomElement);
    }
    follow();
  },
  { rootMargin: NEAR },
);

const meet = (element: TransomElement): void => {
  // One that went and comes back is filled again, and met again.
  for (const other of known) {
    if (!other.isConnected) {
      known.delete(other);
      near.delete(other);
      watcher.unobserve(other);
    }
  }
  known.add(element);
  if (element.kind === "comments" && element.getAttribute("live") !== "off") {
    watcher.observe(element);
  }
};

/** Meet the elements in a tree, and in the trees below it that can be seen into. */
const search = (root: ParentNode): void => {
  for (const each of root.querySelectorAll<HTMLElement>("*")) {
    if (each.localName.startsWith("transom-")) {
      meet(each as TransomElement);
    } else if (each.shadowRoot) {
      search(each.shadowRoot);
    }
  }
};

/** Hear of what the reader may see, and of nothing else. */
const follow = (): void => {
  const thread = [...near].find((element) => element.isConnected);
  const wanted = thread && !document.hidden && !isResting && !isOver ? thread.key : "";
  if (wanted !== key) {
    source?.close();
    clearTimeout(again);
    clearTimeout(looking);
    looking = undefined;
    key = wanted;
    thread && wanted && listen(thread);
  }
};

const listen = (thread: TransomElement): void => {
  const query = new URLSearchParams({ subject: thread.subject, after: cursors[key] ?? "" });
  const stream = new EventSource(`${thread.base}/live?${query}`);
  let failures = 0;
  source = stream;
  stream.onopen = () => {
    failures = 0;
    wait = SOON;
    cursors[key] || look(0);
  };
  const heed = ({ data, lastEventId }: MessageEvent): void => {
    cursors[key] = lastEventId;
    isExpected = true;
    look(JSON.parse(data).within);
  };
  stream.addEventListener("change", heed);
  stream.addEventListener("reset", heed);
  stream.addEventListener("idle", rest);
  stream.onerror = () => {
    // A stream that broke comes back by itself; one that was refused does not, and one that is blocked never will.
    failures++;
    if (stream.readyState === EventSource.CLOSED || failures === FAILURES) {
      stream.close();
      look(0);
      again = setTimeout(() => listen(thread), wait * (0.75 + Math.random() / 2));
      wait = Math.min(wait * 2, LATE);
    }
  };
};

/** Nothing has happened for long: follow again when the reader does something. */
const rest = (): void => {
  isResting = true;
  follow();
  const woken = new AbortController();
  const wake = (): void => {
    woken.abort();
    isResting = false;
    follow();
  };
  for (const sign of SIGNS) {
    addEventListener(sign, wake, { passive: true, signal: woken.signal });
  }
};

/** Read the page anew at some moment within so many milliseconds, so that not all readers do at once. */
const look = (within: number): void => {
  looking ??= setTimeout(read, Math.random() * within);
};

const read = async (): Promise<void> => {
  const asked = key;
  const elements = [...known].filter((element) => element.isConnected && element.key === asked);
  const [first] = elements;
  looking = undefined;
  if (!first) {
    return;
  }
  try {
    // The browser sends the tag of what it has, and gives that where nothing is new.
    const answer = await fetch(`${first.base}/page?${new URLSearchParams(about(elements))}`, {
      signal: AbortSignal.timeout(20_000),
    });
    const text = await answer.text();
    if (answer.ok && key === asked && texts[asked] !== text) {
      texts[asked] = text;
      isExpected = false;
      tell(elements, JSON.parse(text));
    } else if (isExpected) {
      isExpected = false;
      looking ??= setTimeout(read, LAG);
    }
  } catch {
    // Whatever is new is told with the next look.
  }
};

const tell = (elements: readonly TransomElement[], page: Answer): void => {
  for (const element of elements) {
    const html = page.widgets?.[element.kind];
    html && element.getAttribute("live") !== "off" && show(element, html, page);
  }
  isOver = !page.live;
  follow();
};

search(document);
document.addEventListener("transom-ready", (event) => {
  meet(event.composedPath()[0] as TransomElement);
  follow();
});
document.addEventListener("transom-posted", (event) => {
  recount(event.composedPath()[0] as TransomElement);
});
document.addEventListener("visibilitychange", follow);
// A page that is put aside whole, to come back as it was, holds no connection.
addEventListener("pagehide", () => {
  source?.close();
  key = "";
});
addEventListener("pageshow", follow);
