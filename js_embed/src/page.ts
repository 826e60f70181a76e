// Which elements want to be filled, and the few requests that fill them all.

import type { TransomElement } from "./element.ts";
import { type Answer, about, ask, type Problem, token } from "./server.ts";

type Elements = TransomElement[];

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

/** Kinds that ask for tallies alone, as others say of theirs by the attribute `many`. */
export const LIGHT = "count like claps share reactions";

/** Subjects in one request, and so elements. */
const MOST = 200;

/** Those of some elements that are still about what they are about now; the others ask again. */
const still = (elements: Elements): (() => Elements) => {
  const keys = elements.map((element) => element.key);
  return () =>
    elements.filter(
      (element, place) => element.isConnected && (element.key === keys[place] || want(element)),
    );
};

/** Fill an element, and with it all that wait for the same answer. */
const fill = async (near: TransomElement): Promise<void> => {
  // Those with a subject of their own share one request, unless something else of the same subject needs another.
  const bound = new Set(
    [...waiting].map(
      (element) =>
        (element.hasAttribute("subject") &&
          (LIGHT.split(" ").includes(element.kind) || element.hasAttribute("many"))) ||
        element.key,
    ),
  );
  const groupOf = ({ key, base, tongue }: TransomElement): string => (bound.has(key) ? key : base + tongue);
  const group = groupOf(near);
  const elements = [...waiting].filter((element) => groupOf(element) === group).slice(0, MOST);
  const same = still(elements);
  elements.forEach(leave);
  waiting.has(near) && fill(near); // there were too many
  try {
    // Fails where nobody waits any more, and is told to nobody.
    const answer = await ask(near.base, `/page?${new URLSearchParams(about(elements))}`);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(answer.css);
    for (const element of same()) {
      const html = partOf(answer, element);
      html && element.render(html, answer, sheet);
    }
    fillMine(same());
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

/** What an answer, about one subject or several, holds for an element. */
const partOf = (
  { subjects, widgets, parts }: Answer,
  { subject, kind }: TransomElement,
): string | undefined => (subjects?.[subject] ?? widgets ?? parts)[kind];

/** What is mine in these elements; the server only hears of it from those who hold a token. */
export const fillMine = async (elements: Elements): Promise<void> => {
  try {
    const [{ base }] = elements as [TransomElement];
    if (token(base)) {
      const same = still(elements);
      const answer = await ask(base, "/session", about(elements));
      for (const element of same()) {
        element.take(partOf(answer, element));
      }
    }
  } catch {
    // The page as everybody sees it is there.
  }
};
