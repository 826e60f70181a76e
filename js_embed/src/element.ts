// The one element behind all tags: shows what the server sends, and posts the forms in it.

import { parse, swap } from "./html.ts";
import { subjectOf } from "./identity.ts";
import { fillMine, leave, present, want } from "./page.ts";
import { type Answer, ask, type Fields, type Problem, token } from "./server.ts";
import { store } from "./storage.ts";

const HOME = import.meta.url.replace(/(\/t\/\w+)?\/[^/]*$/, "");
const SITE = document.querySelector<HTMLElement>("script[data-site][src*=transom]")?.dataset.site;

/** All that was sent before: what somebody new does next waits for it, so that all of it is one person's. */
let last: unknown;

type Form = HTMLFormElement & Record<"text" | "parent", HTMLInputElement>;

export class TransomElement extends HTMLElement {
  static readonly observedAttributes = ["subject", "lang"];

  /** The key of what is shown. */
  #shown = "";
  #locale = "";
  #root = this.attachShadow({ mode: "open" });

  get kind(): string {
    return this.getAttribute("kind") ?? this.localName.slice(8);
  }

  /** The site's address on its server. */
  get base(): string {
    return `${this.getAttribute("server") ?? HOME}/v1/${this.getAttribute("site") ?? SITE}`;
  }

  get subject(): string {
    return subjectOf(this).subject;
  }

  get tongue(): string {
    return this.closest<HTMLElement>("[lang]")?.lang || navigator.language || "en";
  }

  /** What this element is about; elements with the same key are filled by the same answer. */
  get key(): string {
    return `${this.base} ${this.subject} ${this.tongue}`;
  }

  connectedCallback(): void {
    present.add(this);
    this.follow();
  }

  disconnectedCallback(): void {
    present.delete(this);
    leave(this);
  }

  attributeChangedCallback(): void {
    this.isConnected && this.follow();
  }

  /** Be about what the page is about now; what was shown for another is gone at once. */
  follow(): void {
    if (this.#shown !== this.key) {
      this.#shown = "";
      this.#root.replaceChildren(document.createElement("slot"));
      want(this);
    }
  }

  /** Show an answer. */
  render(html: string | undefined, { lang = "" }: Answer, sheet: CSSStyleSheet): void {
    this.#shown = this.key;
    // The reader's own variety of the language that the server speaks.
    this.#locale = navigator.languages?.find((known) => known.startsWith(lang)) ?? lang;
    const box = parse(html, this.#locale);
    box.onsubmit = (event) => {
      event.preventDefault();
      last = Promise.all([last, this.#send(event.target as HTMLFormElement, event.submitter, last)]);
    };
    box.oninput = ({ target }) => {
      const { form } = target as HTMLInputElement;
      form && this.#keep(form, fields(form));
    };
    box.onreset = ({ target }) => {
      this.#keep(target as HTMLFormElement);
      close(target as HTMLFormElement);
    };
    box.onclick = ({ target }) => {
      const opener = (target as Element).closest<HTMLElement>("[data-reply]");
      opener && this.#reply(opener);
    };
    box.onkeydown = ({ key, target }) => {
      key === "Escape" && close((target as HTMLInputElement).form);
    };
    this.#root.adoptedStyleSheets = [sheet];
    this.#root.replaceChildren(box);
    if (this.getBoundingClientRect().top > innerHeight) {
      this.style.minBlockSize = "0"; // nobody sees the reserved space go
    }
    this.#restore();
    this.#tell("ready");
  }

  /** Put parts in their places; gives the first. */
  take(parts: string | undefined): HTMLElement | null {
    const box = parse(parts, this.#locale);
    const first = box.firstElementChild as HTMLElement;
    swap(this.#root, box);
    this.#restore();
    return first;
  }

  /** Where nothing is shown yet, say so and offer to try again. */
  fail(problem: Problem, retry: () => void): void {
    if (!this.#shown) {
      const button = document.createElement("button");
      button.textContent = this.getAttribute("retry") ?? "Retry";
      button.onclick = () => {
        button.remove();
        retry();
      };
      this.append(button);
    }
    this.#tell("error", problem);
  }

  #tell(what: string, detail?: unknown): boolean {
    return this.dispatchEvent(
      new CustomEvent(`transom-${what}`, { bubbles: true, cancelable: true, composed: true, detail }),
    );
  }

  /** Say what became of a doing, to all who see or hear. */
  #say(text = ""): void {
    (this.#root.querySelector("output") as HTMLElement).textContent = text;
  }

  /** Keep what a form holds until it has arrived; without fields it is forgotten. */
  #keep(form: HTMLFormElement, typed?: Fields): void {
    form.dataset.id = "";
    store("sessionStorage", this.#draft(form), typed ? JSON.stringify(typed) : "");
  }

  #draft(form: HTMLFormElement): string {
    return this.key + form.getAttribute("id"); // `form.id` would be a field of that name
  }

  /** Fill in what was typed before, and open what it was typed in. */
  #restore(): void {
    for (const form of this.#root.querySelectorAll("form")) {
      const typed = JSON.parse(store("sessionStorage", this.#draft(form)) || "{}");
      for (const field in typed) {
        (form as unknown as Form)[field as "text"].value = typed[field];
        (form.parentElement as HTMLDetailsElement).open = true;
      }
    }
  }

  /** Open the form of a reply under the comment that holds the opener: a copy of the one at the top. */
  #reply(opener: HTMLElement): void {
    const parent = `${opener.closest("article")?.id.slice(2)}`;
    const open = this.#root.getElementById(`r-${parent}`);
    const form = (open ?? this.#root.getElementById("compose")?.cloneNode(true)) as Form;
    if (!open) {
      form.id = `r-${parent}`;
      form.dataset.id = form.text.value = "";
      form.parent.value = parent;
      opener.parentElement?.after(form);
      this.#restore();
    }
    form.text.focus();
  }

  /** Send a form once, however often one asks; what comes back takes its place, or the text stays where it is. */
  async #send(form: HTMLFormElement, button: HTMLElement | null, before: unknown): Promise<void> {
    const { kind, key } = this;
    const typed = fields(form, button);
    const isPost = form.method === "post";
    const detail = { widget: kind, ...typed };
    if (form.ariaBusy || (isPost && !this.#tell("before-post", detail))) {
      return;
    }
    form.ariaBusy = "true";
    this.#say();
    press(button);
    token(this.base) || (await before);
    try {
      form.dataset.id ||= crypto.getRandomValues(new Uint32Array(4)).join();
      const { id, message, parts, verdict } = await (isPost
        ? ask(this.base, "/interactions", {
            ...typed,
            idempotency_key: form.dataset.id,
            ...subjectOf(this),
            widget: kind,
            lang: this.tongue,
            format: "fragments",
          })
        : ask(form.action, `?${new URLSearchParams(typed)}`));
      form.reset();
      isPost || form.remove();
      for (const element of present) {
        if (element.key === key && element.kind === kind) {
          const first = element.take(parts);
          element === this && (first?.querySelector<HTMLElement>("[aria-pressed]") ?? first)?.focus();
        }
      }
      this.#say(message);
      isPost ? this.#tell("posted", { ...detail, id, verdict }) : fillMine([this]);
    } catch (problem) {
      press(button);
      this.#say((problem as Problem).detail ?? form.dataset.failed);
      this.#tell("error", problem);
    }
    form.ariaBusy = null;
  }
}

/** Show a pressed button as pressed before the server knows; done twice, it is as it was. */
const press = (button: HTMLElement | null): void => {
  const data = button?.querySelector<HTMLElement & { value: unknown }>("data");
  if (data) {
    const pressed = button as { ariaPressed: unknown };
    const wasOn = pressed.ariaPressed === "true";
    pressed.ariaPressed = !wasOn;
    data.textContent = data.value = (+(data.value as string) + (wasOn ? -1 : 1)) as never;
  }
};

const fields = (form: HTMLFormElement, button: HTMLElement | null = null): Fields =>
  Object.fromEntries(new FormData(form, button)) as Fields;

/** Close what a form stands in, and go back to where it was opened. */
const close = (form: HTMLFormElement | null): void => {
  const home = form?.parentElement;
  const opener = home?.querySelector<HTMLElement>(":scope > summary, :scope > footer > [data-reply]");
  if (opener) {
    (home as HTMLDetailsElement).open = false;
    form?.matches("[id^=r-]") && form.remove();
    opener.focus();
  }
};
