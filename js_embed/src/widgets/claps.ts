// Collects claps for a moment, shows their sum at once, and sends it in one request.

/** How long claps are waited for, in ms. */
const MOMENT = 1_000;

type Form = HTMLFormElement & Record<"n", HTMLInputElement>;
type Parts = [Form, HTMLButtonElement, HTMLDataElement, Form, HTMLDataElement];

export default (element: HTMLElement, box: HTMLElement): void => {
  const whole = box.firstElementChild as HTMLElement;
  /** Claps that are not under way yet. */
  let waiting = 0;
  /** Claps that are, or whose answer did not come: they go again under the same key, and so count once. */
  let sent = 0;
  let isFlush = false;
  let timer = 0;

  /** The parts as they are now: each answer brings new ones. */
  const parts = (): Parts => [...box.querySelectorAll("form,#clap,data")] as unknown as Parts;

  /** Show what there will be; gives how many more one may. */
  const show = (): number => {
    const [form, button, count, unclap, mine] = parts();
    for (const each of [count, mine]) {
      each.textContent = (+each.value + waiting + sent).toLocaleString(`${whole.lang}-u-nu-latn`);
    }
    const own = +mine.value + waiting + sent;
    const left = +(form.dataset.cap as string) - own;
    unclap.hidden = !own;
    button.ariaDisabled = `${left < 1}`;
    return left;
  };

  /** Let the form hold what goes next, which the browser keeps until it has arrived, and send it in a moment. */
  const collect = (): void => {
    const [{ n }] = parts();
    if (!sent) {
      n.value = `${waiting}`;
      n.dispatchEvent(new Event("input", { bubbles: true }));
    }
    timer ||= setTimeout(flush, MOMENT);
    addEventListener("pagehide", flush, { once: true });
  };

  const flush = (): void => {
    const [form, button] = parts();
    clearTimeout(timer);
    timer = 0;
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

  const heed = (event: Event): void => {
    const [form] = parts();
    if (event.target !== form) {
      // All is taken back: what is not under way never goes.
      waiting = 0;
      if (!form.ariaBusy) {
        sent = 0;
        form.reset();
      }
    } else if (!isFlush) {
      event.preventDefault();
      event.stopPropagation();
      if (show() > 0) {
        waiting++;
        show();
        collect();
      }
    }
  };

  box.addEventListener("submit", heed, true);
  // A key that is held down claps once.
  box.addEventListener("keydown", (event) => event.repeat && event.key === "Enter" && event.preventDefault());
  element.addEventListener("transom-posted", () => {
    sent = 0;
    waiting && box.isConnected && collect(); // what another box shows by now is not this one's
  });
  // Whenever the server's parts come, what they do not know yet is added.
  new MutationObserver(show).observe(whole, { childList: true });
  const [{ dataset, n }] = parts();
  if (dataset.once) {
    // The page was left before these had arrived.
    sent = +n.value;
    flush();
  }
};
