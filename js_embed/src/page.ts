// Which elements want to be filled, and the few requests that fill them all.

import type { TransomElement } from "./element.ts";
import { about, ask, type Problem, token } from "./server.ts";

type Elements = readonly TransomElement[];

/** Every element that is in a document. */
export const present = new Set<TransomElement>();

const waiting = new Set<TransomElement>();

/** What loads the module that hears of others: once, for all answers. */
let hearing: ReturnType<typeof setTimeout> | undefined;

const watcher = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      isIntersecting && fill(target as TransomElement);
    }
  },
  { rootMargin: "2500px" },
);

// Once the page has loaded, those far away are filled as well.
addEventListener(
  "load",
  () => (navigator as { connection?: { saveData?: boolean } }).connection?.saveData || waiting.forEach(fill),
);

/** Fill an element as soon as it comes near, or the page has loaded. */
export const want = (element: TransomElement): void => {
  waiting.add(element);
  watcher.observe(element);
};

export const leave = (element: TransomElement): void => {
  waiting.delete(element);
  watcher.unobserve(element);
};

/** Counts of other pages, of which there may be many, share one request; all else of one page another. */
const groupOf = (element: TransomElement): string =>
  element.kind === "count" && element.hasAttribute("subject") ? element.base + element.tongue : element.key;

/** Fill an element, and with it all that wait for the same answer. */
const fill = async (near: TransomElement): Promise<void> => {
  const { base, key } = near;
  const group = groupOf(near);
  const isPage = group === key;
  const elements = [...waiting].filter((element) => groupOf(element) === group);
  // A late answer is for those that are still about the same; the others ask again.
  const same = () =>
    elements.filter((element) => element.isConnected && (groupOf(element) === group || want(element)));
  elements.forEach(leave);
  try {
    // Fails where nobody waits any more, and is told to nobody.
    const query = new URLSearchParams(about(elements));
    if (!isPage) {
      query.delete("widgets");
      for (const { subject } of elements.slice(1)) {
        query.append("subject", subject);
      }
    }
    const answer = await ask(base, `/${isPage ? "page" : "counts"}?${query}`);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(answer.css);
    for (const element of same()) {
      const html = answer.widgets[isPage ? element.kind : element.subject];
      html && element.render(html, answer, sheet);
    }
    isPage && fillMine(same());
    // What hears of others can wait until all else has come; a hidden page draws no frame.
    if (answer.live && !hearing) {
      hearing = setTimeout(() => requestAnimationFrame(() => import(answer.live).catch(() => 0)), 3_000);
    }
  } catch (problem) {
    same()
      .pop()
      ?.fail(problem as Problem, () => same().forEach(want));
  }
};

/** What is mine in these elements of one page; the server only hears of it from those who hold a token. */
export const fillMine = async (elements: Elements): Promise<void> => {
  try {
    const [{ base, key }] = elements as [TransomElement];
    if (token(base)) {
      const { parts } = await ask(base, "/session", about(elements));
      for (const element of elements) {
        element.key === key && element.take(parts[element.kind]);
      }
    }
  } catch {
    // The page as everybody sees it is there.
  }
};
