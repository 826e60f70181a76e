// The module that a page with like buttons of its own loads: binds `data-transom-like`, wherever and whenever it comes.

import type { Subject } from "./identity.ts";
import type { Fields } from "./server.ts";

/** What the first module lends, so that nothing is there twice, and both know the same reader. */
type Ask = (base: string, path: string, fields?: Fields) => Promise<unknown>;
type InTurn = (work: () => Promise<void>) => void;
type SubjectOf = (explicit?: string | null) => Subject;
type Token = (base: string, text?: string) => string;

interface Like {
  count: number;
  mine: boolean;
}

/** What is known of one subject. */
interface State extends Like {
  /** What the server said last. */
  said: Like;
  /** Doings that are on their way. */
  pending: number;
  /** Kept when the server has said it. */
  ready: Promise<boolean>;
}

/** What the server says of some subjects, or of one. */
interface Likes {
  readonly subjects?: Readonly<Record<string, { like: Like }>>;
  readonly widgets: { like: Like };
}

/** What the server says of a doing; no summary where the widget could not be shown after it. */
interface Done {
  readonly id: string;
  readonly verdict: string;
  readonly summary: Like | null;
}

const NAME = "data-transom-like";
const SELECTOR = `[${NAME}]`;

/** Subjects in one request. */
const MOST = 200;

/** The site's address on the server that this came from. */
const home = `${import.meta.url.replace(/\/own.*/, "")}/v1/${
  document.querySelector<HTMLElement>("script[data-site][src*=transom]")?.dataset.site
}`;

export default (ask: Ask, inTurn: InTurn, subjectOf: SubjectOf, token: Token): void => {
  /** The subjects of all buttons that are in the page. */
  let states = new Map<string, State>();

  const aboutOf = (button: Element): Subject => subjectOf(button.getAttribute(NAME));

  const tell = (button: Element, what: string, detail: unknown): boolean =>
    button.dispatchEvent(
      new CustomEvent(`transom-${what}`, { bubbles: true, cancelable: true, composed: true, detail }),
    );

  /** Show in all buttons, or in those of one subject, what is known. */
  const paint = (only?: State): void => {
    for (const button of document.querySelectorAll<HTMLElement>(SELECTOR)) {
      const state = states.get(aboutOf(button).subject);
      if (state && (!only || only === state)) {
        button.ariaPressed = `${state.mine}`;
        const place = button.querySelector("[data-transom-count]");
        const text = state.count.toLocaleString(button.closest<HTMLElement>("[lang]")?.lang || undefined);
        if (place && state.said.count >= 0 && place.textContent !== text) {
          place.textContent = text;
        }
      }
    }
  };

  /** Be told of some subjects, first what all see and then what is the reader's own. */
  const load = async (subjects: readonly string[], button: Element): Promise<boolean> => {
    const about = { subject: subjects.join("\n"), widgets: "like" };
    const take = ({ subjects: told, widgets }: Likes): void => {
      for (const subject of subjects) {
        const state = states.get(subject);
        if (state && !state.pending) {
          state.said = (told?.[subject] ?? widgets).like;
          Object.assign(state, state.said);
        }
      }
      paint();
    };
    try {
      take((await ask(home, `/page?${new URLSearchParams(about)}`)) as Likes);
      token(home) && take((await ask(home, "/session", about)) as Likes);
      return true;
    } catch (problem) {
      for (const subject of subjects) {
        states.delete(subject); // the next look asks again
      }
      tell(button, "error", problem);
      return false;
    }
  };

  /** Bind what is in the page, and forget what is not; `anew` asks again for what is known. */
  const look = (anew = false): void => {
    const known = anew ? new Map<string, State>() : states;
    const fresh: string[] = [];
    let first: Element | undefined;
    const now = new Map<string, State>();
    for (const button of document.querySelectorAll(SELECTOR)) {
      const { subject } = aboutOf(button);
      if (!now.has(subject)) {
        const said = { count: -1, mine: false };
        const state = known.get(subject) ?? { ...said, said, pending: 0, ready: Promise.resolve(false) };
        now.set(subject, state);
        if (!known.has(subject)) {
          fresh.push(subject);
          first ??= button;
        }
      }
    }
    states = now;
    for (let from = 0; from < fresh.length; from += MOST) {
      const part = fresh.slice(from, from + MOST);
      const ready = load(part, first as Element);
      for (const subject of part) {
        (states.get(subject) as State).ready = ready;
      }
    }
    paint();
  };

  /** Like, or take it back: shown at once, and taken back where the server refuses. */
  const press = async (button: Element): Promise<void> => {
    const about = aboutOf(button);
    states.has(about.subject) || look();
    const state = states.get(about.subject) as State;
    if (!(await state.ready)) {
      return; // it was told why
    }
    const detail = { widget: "like", action: state.mine ? "unlike" : "like" };
    if (!tell(button, "before-post", detail)) {
      return;
    }
    state.mine = !state.mine;
    state.count += state.mine ? 1 : -1;
    state.pending++;
    paint(state);
    inTurn(async () => {
      let outcome: [string, unknown];
      try {
        const { id, verdict, summary } = (await ask(home, "/interactions", {
          ...detail,
          ...about,
          idempotency_key: `${crypto.getRandomValues(new Uint32Array(4))}`,
          format: "json",
        })) as Done;
        state.said = summary ?? { count: state.count, mine: state.mine };
        outcome = ["posted", { ...detail, id, verdict }];
      } catch (problem) {
        outcome = ["error", problem];
      }
      if (!--state.pending) {
        Object.assign(state, state.said);
        paint(state);
      }
      tell(button, ...outcome);
    });
  };

  const isOwn = (node: Node): boolean =>
    node instanceof Element && (node.matches(SELECTOR) || !!node.querySelector(SELECTOR));

  document.addEventListener(
    "click",
    (event) => {
      const button = (event.target as Element).closest(SELECTOR);
      if (button) {
        event.preventDefault(); // in a form of the page's it would send that
        press(button);
      }
    },
    true,
  );
  new MutationObserver((records) => {
    if (
      records.some(
        ({ type, addedNodes, removedNodes }) =>
          type === "attributes" || [...addedNodes, ...removedNodes].some(isOwn),
      )
    ) {
      look();
    }
  }).observe(document, { subtree: true, childList: true, attributeFilter: [NAME] });

  const { transom } = window as unknown as {
    transom: { refresh(): void; identify(text: string): void };
  };
  const { refresh, identify } = transom;
  transom.refresh = () => {
    refresh();
    look(true);
  };
  transom.identify = (text) => {
    token(home, text);
    identify(text);
    look(true);
  };
  look();
};
