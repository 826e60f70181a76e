// What is new on the page: shown where it moves nothing that somebody reads, else offered in a button.

import type { TransomElement } from "./element.ts";
import type { Answer } from "./server.ts";

type Root = ShadowRoot;

/** For each thread, the tree that the server sent last, out of which comments are copied when they are asked for. */
const fresh = new WeakMap<TransomElement, Root>();

const PATIENCE = 300; // ms

/** Show what an answer holds of an element: all but new comments at once. */
export const show = (element: TransomElement, html: string, answer: Answer): void => {
  const root = element.shadowRoot as Root;
  if (root.querySelector("[aria-busy]")) {
    // What the reader sends just now comes back by itself.
    setTimeout(() => element.isConnected && show(element, html, answer), PATIENCE);
    return;
  }
  // Made by an element like the first one, so that HTML enters the page where it always does.
  const twin = element.cloneNode() as TransomElement;
  twin.render(html, answer, new CSSStyleSheet());
  const tree = twin.shadowRoot as Root;
  element.describe(answer.data);
  if (element.kind === "comments") {
    fresh.set(element, tree);
    revise(root, tree);
    recount(element);
  } else {
    match(root, tree);
  }
};

/** Offer the comments that are not shown yet, where there are any. */
export const recount = (element: TransomElement): void => {
  const root = element.shadowRoot as Root; // none has a button of the page's own
  const tree = fresh.get(element);
  const place = root?.getElementById("news");
  if (!tree || !place) {
    return;
  }
  const count = missing(root, tree).filter((article) => !article.querySelector(":scope>.gone")).length;
  if (!count || !announce(element, count)) {
    place.replaceChildren();
    return;
  }
  const language = element.tongue;
  const label = place.dataset[new Intl.PluralRules(language).select(count)] ?? place.dataset.other ?? "{n}";
  const text = label.replace("{n}", count.toLocaleString(language));
  const button = place.querySelector("button") ?? document.createElement("button");
  if (button.textContent !== text) {
    button.setAttribute("part", "news");
    button.textContent = text;
    button.onclick = () => bring(element, root, tree);
    place.append(button);
  }
};

/** Whether the page lets the button be shown. */
const announce = (element: TransomElement, count: number): boolean =>
  element.dispatchEvent(
    new CustomEvent("transom-news", { bubbles: true, cancelable: true, composed: true, detail: { count } }),
  );

/** Put the new comments in their places, and go to the first. */
const bring = (element: TransomElement, root: Root, tree: Root): void => {
  let first: HTMLElement | undefined;
  for (const article of missing(root, tree)) {
    if (!root.getElementById(article.id)) {
      const copy = insert(root, article);
      first ??= copy;
    }
  }
  recount(element);
  if (first) {
    first.tabIndex = -1;
    first.focus();
  }
};

const articles = (parent: ParentNode): HTMLElement[] => [...parent.querySelectorAll<HTMLElement>("article")];

/** The comments of a tree that are not shown, and have a place where they could be. */
const missing = (root: Root, tree: Root): HTMLElement[] => {
  const found = articles(tree).filter((article) => !root.getElementById(article.id));
  return found.filter(({ parentElement }) => {
    const parent = parentElement as HTMLElement;
    return root.getElementById(parent.id) || found.includes(parent);
  });
};

/** Copy a comment from the tree into its place: after the one that it follows there, else before all others. */
const insert = (root: Root, article: HTMLElement): HTMLElement => {
  const home = root.getElementById(`${article.parentElement?.id}`);
  let before = article.previousElementSibling;
  while (before?.matches("article") && root.getElementById(before.id)?.parentElement !== home) {
    before = before.previousElementSibling;
  }
  const previous = before?.matches("article") && root.getElementById(before.id);
  const copy = article.cloneNode(true) as HTMLElement;
  copy.dataset.fresh = "";
  if (previous) {
    previous.after(copy);
  } else {
    home?.insertBefore(copy, home.querySelector(":scope>article,:scope>.more"));
  }
  return copy;
};

/** What belongs to a comment alone: not its replies, nor what one can do with it. */
const substance = (article: Element): Element[] =>
  [...article.children].filter((child) => !child.matches("article,form,footer"));

const written = (elements: readonly Element[]): string =>
  elements.map((element) => element.outerHTML).join("");

/** Bring the comments that are shown up to date: changed ones change, those that are gone go. */
const revise = (root: Root, tree: Root): void => {
  const heading = tree.getElementById("heading");
  if (heading) {
    (root.getElementById("heading") ?? heading).textContent = heading.textContent;
  }
  for (const article of articles(root)) {
    const now = tree.getElementById(article.id);
    if (now) {
      rewrite(article, now);
    } else if (isGone(article, tree)) {
      article.remove();
    }
  }
};

const rewrite = (article: HTMLElement, now: HTMLElement): void => {
  const was = substance(article);
  const is = substance(now).map((element) => element.cloneNode(true) as Element);
  if (written(was) !== written(is)) {
    for (const element of was) {
      element.remove();
    }
    article.prepend(...is);
    const [footer, other] = [article, now].map((each) => each.querySelector(":scope>footer"));
    if (!other) {
      footer?.remove();
    } else if (!footer) {
      is.at(-1)?.after(other.cloneNode(true));
    }
  }
};

/** Whether a comment that the tree lacks was taken away, and does not only lie beyond what the tree holds. */
const isGone = (article: HTMLElement, tree: Root): boolean => {
  if (article.querySelector("[part=note],:focus,[id^=r-]")) {
    return false; // the reader's own, which waits; or one that the reader is about to answer
  }
  const home = tree.getElementById(`${article.parentElement?.id}`);
  const rest = home?.id === "list" ? tree.getElementById("next") : thread(home)?.querySelector(".more");
  for (let next = article.nextElementSibling; next; next = next.nextElementSibling) {
    if (next.matches("article") && tree.getElementById(next.id)) {
      return !!home;
    }
  }
  return !!home && !rest;
};

/** The root comment above a comment, with all below it. */
const thread = (article: Element | null | undefined): Element | null | undefined =>
  article?.closest("#list>article");

/** Take over texts and values where two trees have the same shape; what is the reader's own (`data-own`) stays. */
const match = (was: ParentNode, is: ParentNode): void => {
  const pairs = [...was.querySelectorAll("*")].map((element, i) => [element, is.querySelectorAll("*")[i]]);
  if (pairs.some(([one, other]) => one?.localName !== other?.localName)) {
    return;
  }
  for (const [one, other] of pairs as [Element, Element][]) {
    if (one.closest("[data-own]")) {
      continue;
    }
    for (const name of ["value", "style", "width"]) {
      const value = other.getAttribute(name);
      if (one.matches("data,meter,progress,svg") && value !== null) {
        one.setAttribute(name, value);
      }
    }
    const text = other.textContent;
    if (!other.children.length && !one.matches("output") && one.textContent !== text) {
      one.textContent = text;
    }
  }
};
