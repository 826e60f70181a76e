// The one element behind all tags: shows what the server sends, and posts the forms in it.

import { parse, swap } from "./html.ts";
import { type Subject, subjectOf } from "./identity.ts";
import { fillMine, leave, present, want } from "./page.ts";
import { type Answer, ask, type Fields, inTurn, type Problem } from "./server.ts";
import { store } from "./storage.ts";

export const HOME = import.meta.url.replace(/(\/t\/\w+)?\/[^/]*$/, "");
const SCRIPT = document.querySelector<HTMLScriptElement>("script[data-site][src*=transom]");

type Form = HTMLFormElement & Record<"text" | "parent", HTMLInputElement>;

type Described = HTMLElement & { ariaDescribedByElements: readonly Element[] };

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
    return `${this.getAttribute("server") ?? HOME}/v1/${this.getAttribute("site") ?? SCRIPT?.dataset.site}`;
  }

  /** What this element is about, and the page that it stands on. */
  get about(): Subject {
    return subjectOf(this.getAttribute("subject"));
  }

  get subject(): string {
    return this.about.subject;
  }

  get tongue(): string {
    return this.closest<HTMLElement>("[lang]")?.lang || navigator.language;
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
      this.describe();
      this.#root.replaceChildren(document.createElement("slot"));
      want(this);
    }
  }

  /** Show an answer. */
  render(html: string | undefined, { data, lang, scripts }: Answer, sheet: CSSStyleSheet): void {
    this.#shown = this.key;
    this.describe(data);
    // The reader's own variety of the language that the server speaks.
    this.#locale = navigator.languages?.find((known) => known.startsWith(lang)) ?? lang;
    const box = parse(html, this.#locale);
    box.onsubmit = (event) => {
      event.preventDefault();
      const form = event.target as HTMLFormElement;
      if (!form.ariaBusy) {
        form.ariaBusy = "true";
        inTurn(() => this.#send(form, event.submitter));
      }
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
      if (opener) {
        const form = this.#reply(opener);
        this.#restore(); // what was typed before it was closed
        form.text.focus();
      }
    };
    box.onkeydown = ({ key, target }) => {
      key === "Escape" && close((target as HTMLInputElement).form);
    };
    this.#root.adoptedStyleSheets = [sheet];
    this.#root.replaceChildren(box);
    if (this.getBoundingClientRect().top > innerHeight) {
      this.style.minHeight = "0"; // nobody sees the reserved space go
    }
    this.#restore();
    this.#tell("ready");
    const script = scripts?.[this.kind];
    script && import(script).then((module) => module.default(this, box)).catch(console.error);
  }

  /** Tell machines what is shown, by a data block within: it moves and goes with the element, and nothing runs. */
  describe(data?: Answer["data"]): void {
    this.querySelector("script")?.remove();
    const told = data?.[this.kind];
    if (told) {
      // The copy of a script that was started never starts, so no policy for scripts has to trust its text.
      const block = (SCRIPT ?? document.createElement("script")).cloneNode() as HTMLScriptElement;
      block.removeAttribute("src");
      block.type = "application/ld+json";
      block.append(JSON.stringify(told));
      this.append(block);
    }
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
      button.textContent = this.getAttribute("retry") ?? "↻"; // transom.css adds a sentence
      button.onclick = () => {
        button.remove();
        retry();
      };
      this.append(button);
    }
    this.#tell("error", problem);
  }

  /** Starts inside, so that what a widget's own module hears ends with the box; outside it is the element's. */
  #tell(what: string, detail?: unknown): boolean {
    return (this.#root.firstElementChild as Element).dispatchEvent(
      new CustomEvent(`transom-${what}`, { bubbles: true, cancelable: true, composed: true, detail }),
    );
  }

  /** Say what became of a doing beside its form, else at the widget's end; of a field's fault, at the field. */
  #say(place: Element | null | undefined, text = "", problem?: Problem): void {
    const said = (place?.querySelector(":scope>output") ??
      this.#root.querySelector(".transom>output")) as HTMLOutputElement;
    said.textContent = text;
    (said as { part: unknown }).part = problem ? "error" : "message";
    const field = (place as Form | null)?.elements?.[problem?.field as "0"] as Described | undefined;
    if (field) {
      field.ariaDescribedByElements = [said];
      field.focus?.(); // several of one name have no focus of their own
    }
  }

  /** A new key to send a form under, kept with what it holds until that has arrived; without fields all is forgotten. */
  #keep(form: HTMLFormElement, typed?: Fields): void {
    const once = `${crypto.getRandomValues(new Uint32Array(4))}`;
    form.dataset.once = once;
    store("sessionStorage", this.key + nameOf(form), typed ? JSON.stringify({ ...typed, once }) : "");
  }

  /** Fill in what was typed before, and open what it was typed in. */
  #restore(): void {
    for (const place of this.#root.querySelectorAll<Form>("form,[data-reply]")) {
      const kept = store("sessionStorage", this.key + nameOf(place));
      if (kept) {
        const form = place.method ? place : this.#reply(place);
        const { once, ...typed } = JSON.parse(kept);
        form.dataset.once = once;
        for (const field in typed) {
          // The form may have changed since; a box is kept only where it is checked.
          Object.assign(form[field as "text"] ?? {}, { value: typed[field], checked: true });
        }
        (form.parentElement as HTMLDetailsElement).open = true;
      }
    }
  }

  /** The form of a reply, under the comment that holds the opener: a copy of the one at the top. */
  #reply(opener: HTMLElement): Form {
    const id = nameOf(opener);
    let form = this.#root.getElementById(id) as Form;
    if (!form) {
      form = (this.#root.getElementById("compose") as Form).cloneNode(true) as Form;
      form.id = id;
      form.dataset.once = form.text.value = "";
      form.parent.value = id.slice(2);
      this.#say(form);
      (opener.parentElement as Element).after(form);
    }
    return form;
  }

  /** Send a form once, however often one asks; what comes back takes its place, or the text stays where it is. */
  async #send(form: HTMLFormElement, button: HTMLElement | null): Promise<void> {
    const { kind, key } = this;
    const typed = fields(form, button);
    const isPost = form.method === "post";
    const detail = { widget: kind, ...typed };
    this.#say(form);
    try {
      if (isPost && !this.#tell("before-post", detail)) {
        return;
      }
      form.dataset.once || this.#keep(form);
      const { data, id, message, parts, verdict } = await (isPost
        ? ask(this.base, "/interactions", {
            ...detail,
            idempotency_key: form.dataset.once as string,
            ...this.about,
            lang: this.tongue,
            format: "fragments",
          })
        : ask(form.action, `?${new URLSearchParams(typed)}`));
      form.reset();
      isPost || form.remove();
      for (const element of present) {
        if (element.key === key && element.kind === kind) {
          const first = element.take(parts);
          isPost && element.describe(data);
          if (element === this) {
            const same = this.#root.getElementById(button?.id as string);
            (same ?? first?.querySelector<HTMLElement>("[aria-pressed]") ?? first)?.focus();
            this.#say(form.isConnected ? form : first, message);
          }
        }
      }
      isPost ? this.#tell("posted", { ...detail, id, verdict }) : fillMine([this]);
    } catch (problem) {
      this.#say(form, (problem as Problem).detail ?? form.dataset.failed, problem as Problem);
      this.#tell("error", problem);
    } finally {
      form.ariaBusy = null;
    }
  }
}

/** What names a form in the browser's memory: its id, which for a reply comes from the comment around its opener. */
const nameOf = (place: Element): string =>
  // `form.id` would be a field of that name
  place.getAttribute("id") ?? (place.closest("article")?.id.replace("c", "r") as string);

const fields = (form: HTMLFormElement, button: HTMLElement | null = null): Fields =>
  Object.fromEntries(new FormData(form, button)) as Fields;

/** Close what a form stands in, and go back to where it was opened. */
const close = (form: HTMLFormElement | null): void => {
  const home = form?.parentElement;
  const opener = home?.querySelector<HTMLElement>(":scope>summary,:scope>footer>[data-reply]");
  if (opener) {
    (home as HTMLDetailsElement).open = false;
    (form as Form).parent && (form as Form).remove(); // the copy for a reply
    opener.focus();
  }
};
