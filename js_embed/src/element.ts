// The one element behind all tags: shows what the server sends, and posts the forms in it.

import { localise, parse, swap } from "./html.ts";
import { subjectOf } from "./identity.ts";
import { fill, fillMine, leave, present, want } from "./page.ts";
import { type Answer, ask, type Fields, type Problem, post } from "./server.ts";
import { keep, kept } from "./storage.ts";
import { retryWords } from "./words.ts";

const HOME = import.meta.url.replace(/(\/t\/[^/]+)?\/[^/]*$/, "");
const SITE = document.querySelector<HTMLElement>('script[data-site][src*="transom.js"]')?.dataset["site"];

export class TransomElement extends HTMLElement {
  static readonly observedAttributes = ["subject", "lang", "site", "server", "kind"];

  /** The key of what is shown. */
  #shown = "";
  #locale = "en";
  /** Where the outcome of a doing is said. */
  readonly #out = document.createElement("output");

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

  get language(): string {
    return this.closest("[lang]")?.getAttribute("lang") || navigator.language || "en";
  }

  /** What this element is about; elements with the same key are filled by the same answer. */
  get key(): string {
    return `${this.base} ${this.language} ${this.subject}`;
  }

  /** What was typed here is kept under this name. */
  get #drafts(): string {
    return `transom ${this.base} ${this.subject}`;
  }

  get #root(): ShadowRoot {
    return this.shadowRoot ?? this.attachShadow({ mode: "open" });
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
    present.has(this) && this.follow();
  }

  /** Be about what the page is about now; what was shown for another is gone at once. */
  follow(again = false): void {
    const isShown = this.#shown === this.key;
    if (!isShown && this.#shown) {
      this.#shown = "";
      this.#root.replaceChildren(document.createElement("slot"));
    }
    (again || !isShown) && want(this);
  }

  /** Show an answer. */
  render(html: string, { lang = "en", dir }: Answer, sheet: CSSStyleSheet): void {
    this.#shown = this.key;
    // The reader's own variety of the language that the server speaks.
    this.#locale = navigator.languages?.find((known) => known.startsWith(lang)) ?? lang;
    const box = parse(html, this.#locale);
    this.#listen(box);
    box.className = "transom";
    box.lang = lang;
    box.dir = dir;
    box.append(this.#out);
    this.#root.adoptedStyleSheets = [sheet];
    this.#root.replaceChildren(box);
    if (this.getBoundingClientRect().top > innerHeight) {
      this.style.minBlockSize = "0"; // nobody sees the reserved space go
    }
    this.#restore();
    this.#root.getElementById(location.hash.slice(1))?.scrollIntoView();
    this.#tell("ready");
  }

  /** Put parts in their places; gives those that found one. */
  take(parts: string, name = ""): HTMLElement[] {
    const taken = swap(this.#root, parse(parts, this.#locale));
    for (const field of this.#root.querySelectorAll<HTMLInputElement>("[name=name]")) {
      field.defaultValue ||= name;
    }
    this.#restore();
    return taken;
  }

  /** Where nothing is shown yet, say so and offer to try again. */
  fail(problem: Problem): void {
    if (!this.#shown) {
      const button = document.createElement("button");
      button.textContent = retryWords(this.language);
      button.setAttribute("part", "retry");
      button.onclick = () => fill([this]);
      this.#root.replaceChildren(button, document.createElement("slot"));
    }
    this.#tell("error", problem);
  }

  #tell(what: string, detail: unknown = { widget: this.kind }): boolean {
    return this.dispatchEvent(
      new CustomEvent(`transom-${what}`, { bubbles: true, cancelable: true, composed: true, detail }),
    );
  }

  #listen(box: HTMLElement): void {
    box.onsubmit = (event) => {
      event.preventDefault();
      this.#post(event.target as HTMLFormElement, event.submitter);
    };
    box.oninput = ({ target }) => {
      const { form } = target as HTMLInputElement;
      if (form) {
        form.dataset["key"] = "";
        this.#keep(form, fields(form));
      }
    };
    box.onclick = (event) => {
      const target = (event.target as Element).closest<HTMLElement>("[data-reply],[data-cancel],[data-more]");
      if (target) {
        const { reply, more } = target.dataset;
        event.preventDefault();
        if (more != null) {
          this.#more(target as HTMLAnchorElement);
        } else if (reply != null) {
          this.#reply(target).querySelector("textarea")?.focus();
        } else {
          this.#close(target, true);
        }
      }
    };
    box.onkeydown = ({ key, target }) => {
      key === "Escape" && this.#close(target as Element);
    };
  }

  /** Keep what a form holds until it has arrived; without fields it is forgotten. */
  #keep(form: HTMLFormElement, typed?: Fields): void {
    const all = { ...this.#kept(), [name(form)]: typed };
    keep("sessionStorage", this.#drafts, JSON.stringify(all).slice(2) && JSON.stringify(all));
  }

  #kept(): Record<string, Fields> {
    return JSON.parse(kept("sessionStorage", this.#drafts) || "{}");
  }

  /** Fill in what was typed before, and open what it was typed in. */
  #restore(): void {
    for (const [id, typed] of Object.entries(this.#kept())) {
      const opener = this.#root.querySelector<HTMLElement>(`#${id.replace("r-", "c-")} [data-reply]`);
      const form = this.#root.getElementById(id) ?? (opener && this.#reply(opener));
      if (form) {
        form.dataset["key"] = typed["idempotency_key"];
        form.closest("details")?.setAttribute("open", "");
        for (const field of form.querySelectorAll<HTMLInputElement>("textarea,input")) {
          field.value = typed[field.name] ?? field.value;
        }
      }
    }
  }

  /** The form of a reply, under the comment that holds the opener: a copy of the one at the top. */
  #reply(opener: HTMLElement): HTMLElement {
    const id = `${opener.closest("article")?.id.replace("c-", "r-")}`;
    const open = this.#root.getElementById(id);
    const form = open ?? (this.#root.getElementById("compose")?.cloneNode(true) as HTMLElement);
    if (!open) {
      this.#root.querySelector("[id^=r-]")?.remove();
      form.setAttribute("id", id);
      opener.parentElement?.after(form);
      this.#restore();
    }
    return form;
  }

  /** Close the form of a reply, or opened details, and go back to where it was opened. */
  #close(from: Element, forget = false): void {
    const form = from.closest("form");
    const details = from.closest<HTMLDetailsElement>("[open]");
    const opener = (details ?? form?.parentElement)?.querySelector<HTMLElement>("summary,[data-reply]");
    if (form && forget) {
      this.#keep(form);
      form.reset();
    }
    if (details) {
      details.open = false;
    } else if (form && name(form).startsWith("r-")) {
      form.remove();
    }
    opener?.focus();
  }

  /** Put what a link leads to in its place. */
  async #more(link: HTMLAnchorElement): Promise<void> {
    if (!link.ariaBusy) {
      link.ariaBusy = "true";
      try {
        const { parts } = await ask(`${link.href}&format=fragments&lang=${this.language}`);
        link.remove();
        focus(this.take(parts));
        fillMine([this]);
      } catch (problem) {
        link.ariaBusy = null;
        this.#tell("error", problem);
      }
    }
  }

  /** Post a form once, however often it is sent; what comes back takes its place, or the text stays where it is. */
  async #post(form: HTMLFormElement, button: HTMLElement | null): Promise<void> {
    const { kind, key } = this;
    const typed = fields(form, button);
    const detail = { widget: kind, action: typed["action"], fields: typed };
    if (form.ariaBusy || !this.#tell("before-post", detail)) {
      return;
    }
    const out = form.querySelector("output") ?? this.#out;
    typed["idempotency_key"] = form.dataset["key"] ||= crypto.getRandomValues(new Uint32Array(4)).join("-");
    form.querySelector("textarea") && this.#keep(form, typed);
    form.ariaBusy = "true";
    out.textContent = this.#out.textContent = "";
    this.#press(button);
    try {
      const { id, message, parts, verdict } = await post(`${this.base}/interactions`, {
        ...typed,
        ...subjectOf(this),
        widget: kind,
        lang: this.language,
      });
      this.#keep(form);
      for (const field of form.querySelectorAll<HTMLInputElement>("[name=name]")) {
        field.defaultValue = field.value;
      }
      form.dataset["key"] = "";
      name(form).startsWith("r-") ? form.remove() : form.reset();
      for (const element of present) {
        if (element.key === key && element.kind === kind) {
          const taken = element.take(parts);
          element === this && focus(taken);
        }
      }
      this.#out.textContent = message;
      this.#tell("posted", { ...detail, id, verdict });
    } catch (problem) {
      this.#press(button);
      out.textContent = (problem as Problem).detail ?? form.dataset["failed"] ?? "!";
      this.#tell("error", problem);
    }
    form.ariaBusy = null;
  }

  /** Show a pressed button as pressed before the server knows; done twice, it is as it was. */
  #press(button: HTMLElement | null): void {
    const pressed = button?.ariaPressed;
    if (button && pressed) {
      const on = pressed === "false";
      button.ariaPressed = `${on}`;
      for (const data of button.querySelectorAll("data")) {
        data.value = `${+data.value + (on ? 1 : -1)}`;
      }
      localise(button, this.#locale);
    }
  }
}

/** A form's own id; `form.id` would be a field of that name. */
const name = (form: HTMLFormElement): string => `${form.getAttribute("id")}`;

const fields = (form: HTMLFormElement, button: HTMLElement | null = null): Fields => {
  const typed = Object.fromEntries(new FormData(form, button)) as Fields;
  return name(form).startsWith("r-") ? { ...typed, parent: name(form).slice(2) } : typed;
};

/** Move to what is new: its button, where it is one that was pressed. */
const focus = ([part]: HTMLElement[]): void => {
  const pressed = part?.querySelector<HTMLElement>("[aria-pressed]");
  if (part && !pressed) {
    part.tabIndex = -1;
  }
  (pressed ?? part)?.focus();
};
