// Collects claps for a moment, shows their sum at once, and sends it in one request.

/** How long claps are waited for, in ms. */
const MOMENT = 1_000;

type Form = HTMLFormElement & Record<"n", HTMLInputElement>;
type Parts = [Form, HTMLButtonElement, HTMLDataElement, Form, HTMLDataElement];

type Heed = (event: Event) => void;

export default (_: HTMLElement, box: HTMLElement): void => {
  const whole = box.firstElementChild as HTMLElement;
  /** The parts as they were when last something was shown: each answer brings new ones. */
  let form!: Form;
  let button!: HTMLButtonElement;
  let count!: HTMLDataElement;
  let unclap!: Form;
  let mine!: HTMLDataElement;
  /** What the element does with what is sent and what is typed. */
  const { onsubmit: send, oninput: input } = box as unknown as Record<"onsubmit" | "oninput", Heed>;
  /** Claps that are not under way yet. */
  let waiting = 0;
  /** Claps that are, or whose answer did not come: they go again under the same key, and so count once. */
  let sent = 0;
  let isFlush = false;
  let isTimed = false;

  /** Show what there will be; gives how many more one may. */
  const show = (): number => {
    [form, button, count, unclap, mine] = box.querySelectorAll("form,#clap,data") as unknown as Parts;
    for (const each of [count, mine]) {
      each.textContent = (+each.value + waiting + sent).toLocaleString(`${whole.lang}-u-nu-latn`);
    }
    const own = +mine.value + waiting + sent;
    const left = +(form.dataset.cap as string) - own;
    unclap.hidden = !own;
    button.ariaDisabled = (left < 1) as never;
    return left;
  };

  /** Let the form hold what goes next, which the browser keeps until it has arrived, and send it in a moment. */
  const collect = (): void => {
    show();
    if (!sent) {
      form.n.value = waiting as never;
      input({ target: form.n } as never); // as if it had been typed
    }
    isTimed || setTimeout(flush, MOMENT);
    isTimed = true;
    addEventListener("pagehide", flush, { once: true });
  };

  const flush = (): void => {
    isTimed = false;
    if (!form.ariaBusy && waiting + sent) {
      if (!sent) {
        sent = waiting;
        waiting = 0;
      }
      isFlush = true;
      form.requestSubmit(button.matches(":focus") ? button : null); // who went elsewhere is left there
      isFlush = false;
    }
  };

  box.onsubmit = ((event) => {
    if (isFlush) {
      send(event);
    } else if (event.target === form) {
      event.preventDefault();
      if (show() > 0) {
        waiting++;
        collect();
      }
    } else {
      // All is taken back: what is not under way never goes.
      waiting = 0;
      if (!form.ariaBusy) {
        sent = 0;
        form.reset();
      }
      send(event);
    }
  }) as Heed as never;
  // A key that is held down claps once.
  box.onkeydown = ({ key, repeat }) => !(repeat && key === "Enter");
  box.addEventListener("transom-posted", () => {
    sent = 0;
    waiting && collect();
  });
  // Whenever the server's parts come, what they do not know yet is added.
  new MutationObserver(show).observe(whole, { childList: true });
  show();
  if (form.dataset.once) {
    // The page was left before these had arrived.
    sent = +form.n.value;
    flush();
  }
};
