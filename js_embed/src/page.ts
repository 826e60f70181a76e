// Which elements want to be filled, and the few requests that fill them all.

import type { TransomElement } from "./element.ts";
import { ask, type Problem, post, token } from "./server.ts";

type Elements = readonly TransomElement[];

/** Every element that is in a document. */
export const present = new Set<TransomElement>();

const waiting = new Set<TransomElement>();

const watcher = new IntersectionObserver(
  (entries) =>
    fill(entries.filter((entry) => entry.isIntersecting).map((entry) => entry.target as TransomElement)),
  { rootMargin: "2500px" },
);

const idle: (task: () => void) => unknown = window.requestIdleCallback ?? setTimeout;

/** Once the page has loaded and has nothing better to do, those far away are filled as well. */
const rest = (): void => {
  if (
    document.readyState === "complete" &&
    !(navigator as { connection?: { saveData?: boolean } }).connection?.saveData
  ) {
    idle(() => fill([...waiting]));
  }
};

addEventListener("load", rest);

/** Fill an element as soon as it comes near, or the browser has time. */
export const want = (element: TransomElement): void => {
  waiting.size || rest();
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
  const pages = wanted.filter((element) => element.kind !== "count").map((element) => element.key);
  const groups: Record<string, [TransomElement, ...TransomElement[]]> = {};
  for (const element of wanted) {
    const group = pages.includes(element.key) ? element.key : element.base;
    leave(element);
    groups[group] ? groups[group].push(element) : (groups[group] = [element]);
  }
  for (const group in groups) {
    fillGroup(groups[group] as [TransomElement], pages.includes(group));
  }
};

const fillGroup = async (elements: readonly [TransomElement, ...TransomElement[]], isPage: boolean) => {
  const keys = elements.map((element) => element.key);
  // A late answer is for those that are still about the same; the others ask again.
  const same = () =>
    elements.filter((element, i) => present.has(element) && (element.key === keys[i] || want(element)));
  const [{ base, language, subject }] = elements;
  const query: string[][] = isPage
    ? [...Object.entries({ subject, widgets: kinds(elements), lang: language, format: "fragments" })]
    : elements.map((element) => ["subject", element.subject]);
  try {
    const answer = await ask(`${base}/${isPage ? "page" : "counts"}?${new URLSearchParams(query)}`);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(answer.css ?? "");
    for (const element of same()) {
      element.render(
        isPage
          ? (answer.widgets[element.kind] ?? "")
          : `<data value=${answer.counts[element.subject] ?? 0}></data>`,
        answer,
        sheet,
      );
    }
    isPage && fillMine(same());
  } catch (problem) {
    const failed = same();
    for (const element of failed) {
      waiting.add(element);
    }
    (failed.find((element) => element.kind === "comments") ?? failed[0])?.fail(problem as Problem);
  }
};

/** What is mine in these elements of one page; the server only hears of it from those who hold a token. */
export const fillMine = async (elements: Elements): Promise<void> => {
  const [first] = elements;
  if (first && token(first.base)) {
    const { base, key, language, subject } = first;
    try {
      const { parts, person } = await post(
        `${base}/session`,
        { subject, widgets: kinds(elements), lang: language },
        false,
      );
      for (const element of elements) {
        element.key === key && element.take(parts[element.kind], person?.name);
      }
    } catch {
      // The page as everybody sees it is there.
    }
  }
};

const kinds = (elements: Elements): string => [...new Set(elements.map((element) => element.kind))].join();
