// A contour page without a server: the picture, its sliders, and losses that draw themselves.
// Stands after the other parts, in a page of its own (lossviz/pages/contours/ui/handout.py).

function startHandout(host, bytes, losses) {
  for (const [id, run] of Object.entries(losses)) programs.set(id, run);
  const view = createView(host);
  views.set(host, view);
  view.key = "handout";
  receive(view, bytes);
  const again = () => drawAlone(view, true);
  again();
  // The themes of the system change lines and texts.
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  for (const input of document.querySelectorAll("input[type=range]")) {
    const slider = view.served.header.sliders.find(({ key }) => key === input.dataset.key);
    const shown = document.querySelector(`output[for="${input.id}"]`);
    input.addEventListener("input", () => {
      const value = sliderValue({ slider, input });
      view.moved.set(slider.link, { value, at: performance.now() });
      shown.textContent = sliderText(slider, value);
      scheduleAlone(view);
    });
    input.addEventListener("change", again);
  }
  document.getElementById("lv-reset").addEventListener("click", () => {
    view.local.clear();
    view.moved.clear();
    for (const input of document.querySelectorAll("input[type=range]")) {
      input.value = input.defaultValue;
      const output = document.querySelector(`output[for="${input.id}"]`);
      output.textContent = output.dataset.start;
    }
    again();
  });
}

function sliderText({ unit }, value) {
  if (unit === "rad") return `${tickText(Number(((value * 180) / Math.PI).toPrecision(4)))}°`;
  return tickText(Number(value.toPrecision(4)));
}
