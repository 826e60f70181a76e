// Where nobody has voted yet, the question between the element's tags can be answered.

type Form = HTMLFormElement &
  Record<"question" | "options" | "several" | "closes" | "results", HTMLInputElement>;

const words = (it: Element): string => (it.textContent as string).replace(/\s+/g, " ").trim();

export default (element: HTMLElement, box: HTMLElement): void => {
  const form = box.querySelector<Form>("#first");
  const texts = [...element.querySelectorAll("li")].map(words);
  if (form && texts[1]) {
    const isSeveral = element.hasAttribute("several");
    const [legend, row] = form.querySelectorAll("legend,label") as unknown as [Element, Element];
    legend.textContent = form.question.value = words(element.firstElementChild as Element);
    form.options.value = texts.join("\n");
    form.several.value = isSeveral as never;
    for (const name of ["closes", "results"] as const) {
      form[name].value = element.getAttribute(name) as string; // null empties it
    }
    let value = 1;
    for (const text of texts) {
      const option = row.cloneNode(true);
      const several = isSeveral && { type: "checkbox", name: `choice.${value}`, required: false };
      Object.assign(option.firstChild as Node, { checked: false, value, ...several });
      (option.lastChild as Node).textContent = text;
      row.before(option);
      value++;
    }
    row.remove();
    form.hidden = false;
    (box.querySelector("slot") as Element).remove();
  }
};
