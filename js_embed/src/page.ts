// Which elements want to be filled, and the few requests that fill them all.

import type { TransomElement } from "./element.ts";
import { ask, type Fields, type Problem, token } from "./server.ts";

type Elements = readonly TransomElement[];

/** Every element that is in a document. */
export const present = new Set<TransomElement>();

const waiting = new Set<TransomElement>();

const watcher = new IntersectionObserver(
  (entries) =>
    fill(entries.filter((entry) => entry.isIntersecting).map((entry) => entry.target as TransomElement)),
  { rootMargin: "2500px" },
);

// Once the page has loaded, those far away are filled as well.
addEventListener("load", () => {
  (navigator as { connection?: { saveData?: boolean } }).connection?.saveData || fill([...waiting]);
});

/** Fill an element as soon as it comes near, or the page has loaded. */
export const want = (element: TransomElement): void => {
  waiting.add(element);
  watcher.observe(element);
};

export const leave = (element: TransomElement): void => {
  waiting.delete(element);
  watcher.unobserve(element);
};

/** Fill elements, and with them all that wait for the same page: one request for each page, one for all counts. */
export const fill = (near: Elements): void => {
  const keys = near.map((element) => element.key);
  const wanted = [...waiting].filter((element) => keys.includes(element.key));
  const pages = wanted.map((element) => element.kind !== "count" && element.key);
  const groups: Record<string, TransomElement[]> = {};
  for (const element of wanted) {
    const group = pages.includes(element.key) ? element.key : element.base;
    leave(element);
    groups[group] ??= [];
    groups[group].push(element);
  }
  Object.values(groups).forEach(fillGroup);
};

const fillGroup = async (elements: Elements): Promise<void> => {
  const isPage = elements.some((element) => element.kind !== "count");
  const keys = elements.map((element) => element.key);
  // A late answer is for those that are still about the same; the others ask again.
  const same = () =>
    elements.filter((element, i) => element.isConnected && (element.key === keys[i] || want(element)));
  const query = new URLSearchParams(
    isPage ? about(elements) : elements.map((element) => ["subject", element.subject]),
  );
  try {
    const answer = await ask(`${elements[0]?.base}`, `/${isPage ? "page" : "counts"}?${query}`);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(answer.css ?? "");
    for (const element of same()) {
      const html = isPage
        ? answer.widgets[element.kind]
        : `<data value=${answer.counts[element.subject]}></data>`;
      element.render(html, answer, sheet);
    }
    isPage && fillMine(same());
  } catch (problem) {
    same()
      .pop()
      ?.fail(problem as Problem, () => fillGroup(elements));
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

const about = (elements: Elements): Fields => {
  const [{ tongue, subject }] = elements as [TransomElement];
  return {
    subject,
    widgets: [...new Set(elements.map((element) => element.kind))].join(),
    lang: tongue,
    format: "fragments",
  };
};
