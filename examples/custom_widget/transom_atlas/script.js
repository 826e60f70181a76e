// Lets the map be clicked: the list below it is chosen from and sent, which is all that a reader without a script does.
export default (_element, box) => {
  const open = () => box.querySelector(".atlas-map").classList.add("atlas-open");
  box.addEventListener("click", ({ target }) => {
    const place = target.closest("[data-place]")?.dataset.place;
    if (place) {
      const form = target.closest("form");
      form.place.value = place;
      form.place.dispatchEvent(new Event("input", { bubbles: true }));
      form.requestSubmit(form.querySelector("[value=mark]"));
    }
  });
  new MutationObserver(open).observe(box, { childList: true, subtree: true });
  open();
};
