// Passages of an article: marked in the page without changing it, chosen by selecting, and opened one at a time.

import { locate, type Place } from "../anchor.ts";
import type { TransomElement } from "../element.ts";
import { Reading } from "../reading.ts";
import { about, ask } from "../server.ts";

/** Units of the longest passage, as the server has it. */
const LONGEST = 600;

/** How long a selection rests before something is offered, in ms. */
const REST = 200;

/** A passage that the page holds. */
interface Found {
  readonly key: string;
  readonly place: Place;
  readonly range: Range;
}

type Caret = { readonly offsetNode: Node; readonly offset: number };

const MARK = "transom-passage";

/** What undoes an element's doings in the page. */
const undoing = new WeakMap<TransomElement, () => void>();

/** The ranges of all elements; without the Highlight API the list is all there is. */
const marks = globalThis.Highlight && new Highlight();

export default (element: TransomElement, box: HTMLElement): void => {
  undoing.get(element)?.();
  const ending = new AbortController();
  const { signal } = ending;
  const part = <T extends HTMLElement>(query: string): T => box.querySelector(query) as T;
  const form = part<HTMLFormElement>("#mark");
  const tools = part("#tools");
  const panel = part<HTMLDialogElement>("#panel");
  const article =
    document.querySelector(element.getAttribute("for") || "article") ??
    document.querySelector("main") ??
    document.documentElement;
  let found: Found[] = [];
  /** What is selected, and what is to be done once the server knows of it. */
  let chosen: Place | undefined;
  let wish = "";
  /** Whether something was said in the panel. */
  let isNews = false;
  let resting: ReturnType<typeof setTimeout>;

  /** Mark the passages that the page holds, and put the others where they belong. */
  const update = (): void => {
    const reading = new Reading(article);
    for (const { range } of found) {
      marks?.delete(range);
    }
    found = [];
    const said = part("#said");
    const orphans = said.querySelector(".orphans") as HTMLElement;
    const places = new Map<Element, number>();
    for (const item of said.querySelectorAll("li")) {
      const { key, exact, prefix, suffix, comments } = item.dataset as Record<string, string>;
      const place = locate(reading.text, { exact, prefix, suffix } as never);
      if (place) {
        const range = reading.range(place);
        found.push({ key: key as string, place, range });
        places.set(item, place[0]);
        item.hidden || marks?.add(range);
      } else if ("orphans" in said.dataset && +(comments as string)) {
        orphans.querySelector("ul")?.append(item);
        orphans.hidden = false;
      } else {
        item.remove();
      }
    }
    part("#said ul").append(
      ...[...places.keys()].sort((a, b) => +(places.get(a) ?? 0) - +(places.get(b) ?? 0)),
    );
    part("details").hidden = !said.querySelector("li:not([hidden])");
    watcher.takeRecords();
    const [start, end] = chosen ?? [];
    const known = found.find(({ place }) => place[0] === start && place[1] === end);
    if (wish && known) {
      open(known.key, reading.quote(known.place).exact);
    }
  };

  /** Show what was said about a passage, and let the reader join in. */
  const open = async (key: string, quote: string): Promise<void> => {
    const wanted = wish;
    wish = "";
    hide();
    if (wanted === "like") {
      const like = { ...element.about, subject: key, widget: "like", action: "like" };
      // Where that fails, the button says that it is not done.
      await ask(element.base, "/interactions", like).catch(() => 0);
      isNews = true;
    }
    part("blockquote").textContent = quote;
    const place = part(".place");
    for (const name of ["like", "comments"]) {
      const inner = document.createElement(`transom-${name}`);
      for (const each of ["site", "server"]) {
        const value = element.getAttribute(each);
        value === null || inner.setAttribute(each, value);
      }
      inner.setAttribute("subject", key);
      inner.setAttribute("lang", element.tongue);
      inner.addEventListener("transom-ready", () => {
        wanted === name && inner.shadowRoot?.querySelector("textarea")?.focus();
      });
      place.append(inner);
    }
    panel.showModal();
  };

  const hide = (): void => {
    tools.matches(":popover-open") && tools.hidePopover();
  };

  /** Offer something for what is selected, below it. */
  const offer = (): void => {
    const selection = getSelection();
    const range = selection?.rangeCount && !selection.isCollapsed && selection.getRangeAt(0);
    const place =
      range && article.contains(range.commonAncestorContainer) && new Reading(article).place(range);
    if (!place || place[1] - place[0] > LONGEST) {
      tools.contains((box.getRootNode() as ShadowRoot).activeElement) || hide();
      return;
    }
    chosen = place;
    tools.matches(":popover-open") || tools.showPopover();
    const { left, bottom, top } = range.getBoundingClientRect();
    const { width, height } = tools.getBoundingClientRect();
    const below = bottom + 8 + height > innerHeight ? Math.max(8, top - 8 - height) : bottom + 8;
    tools.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
    tools.style.top = `${below}px`;
  };

  const on = (target: EventTarget, name: string, hear: (event: never) => void): void =>
    target.addEventListener(name, hear as EventListener, { signal });

  on(document, "selectionchange", () => {
    clearTimeout(resting);
    resting = setTimeout(() => signal.aborted || offer(), REST);
  });
  on(window, "scroll", () => tools.matches(":popover-open") && offer());

  on(document, "keydown", (event: KeyboardEvent) => {
    if (tools.matches(":popover-open")) {
      const isInside = tools.contains((box.getRootNode() as ShadowRoot).activeElement);
      if (event.key === "Escape") {
        hide();
      } else if (event.key === "Tab" && !isInside && !event.shiftKey) {
        event.preventDefault();
        tools.querySelector("button")?.focus();
      }
    }
  });

  on(tools, "mousedown", (event: Event) => event.preventDefault()); // the selection stays
  on(tools, "click", ({ target }: Event) => {
    wish = (target as Element).closest("button")?.value ?? "";
    if (wish && chosen) {
      const reading = new Reading(article);
      const [start, end] = chosen;
      const known = found.find(({ place }) => place[0] === start && place[1] === end);
      if (known) {
        open(known.key, reading.quote(chosen).exact);
      } else {
        hide();
        const quote = reading.quote(chosen);
        const names = ["exact", "prefix", "suffix"] as const;
        for (const name of names) {
          (form.elements.namedItem(name) as HTMLInputElement).value = quote[name];
        }
        form.dataset.once = ""; // each is a doing of its own
        form.requestSubmit(form.querySelector("button"));
      }
    }
  });

  /** The passage at a point of the page: of several the shortest. */
  const at = (x: number, y: number): Found | undefined => {
    const page = document as unknown as Record<string, ((x: number, y: number) => Caret & Range) | undefined>;
    const caret = page.caretPositionFromPoint?.(x, y) ?? page.caretRangeFromPoint?.(x, y);
    const node = caret?.offsetNode ?? caret?.startContainer;
    const offset = caret?.offset ?? caret?.startOffset ?? 0;
    return found
      .filter(({ range }) => node && marks?.has(range) && range.isPointInRange(node, offset))
      .filter(({ range }) =>
        [...range.getClientRects()].some(
          (box) => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom,
        ),
      )
      .sort((one, other) => one.place[1] - one.place[0] - (other.place[1] - other.place[0]))[0];
  };
  on(article, "click", ({ target, clientX, clientY }: MouseEvent) => {
    if (getSelection()?.isCollapsed && !(target as Element).closest("a,button,input,label,summary")) {
      const known = at(clientX, clientY);
      known && open(known.key, `${known.range}`);
    }
  });

  on(box, "click", ({ target }: Event) => {
    const item = (target as Element).closest("li");
    if (item) {
      open(item.dataset.key as string, item.querySelector("q")?.textContent ?? "");
    } else if (target === panel || (target as Element).matches(".close")) {
      panel.close();
    }
  });
  on(panel, "transom-posted", () => {
    isNews = true;
  });
  on(panel, "close", async () => {
    part(".place").replaceChildren();
    if (isNews) {
      isNews = false;
      try {
        element.take((await ask(element.base, "/session", about([element]))).parts[element.kind]);
      } catch {
        // The next look shows it.
      }
    }
  });

  const watcher = new MutationObserver(update);
  watcher.observe(box.querySelector(".passages") as Element, { childList: true });
  const leaving = new MutationObserver(() => element.isConnected || ending.abort());
  leaving.observe(document, { childList: true, subtree: true });
  signal.onabort = () => {
    watcher.disconnect();
    leaving.disconnect();
    clearTimeout(resting);
    for (const { range } of found) {
      marks?.delete(range);
    }
  };
  undoing.set(element, () => ending.abort());
  marks && CSS.highlights.set(MARK, marks);
  update();
};
