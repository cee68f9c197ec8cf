// Wakes the page's islands. Pages work without it. The module is fetched when the reader first touches the page, so that a page read on a
// slow line costs no more than its text; what is done before it is there is kept for it.
const { js, wasm } = document.querySelector("script[data-js]").dataset;
const touches = ["pointerdown", "keydown", "focusin", "input", "dragenter"];
const noted = document.documentElement.dataset;
let asked = false;
let pressed;

async function wake() {
  if (asked) return;
  asked = true;
  touches.forEach((kind) => removeEventListener(kind, wake, true));
  say("wait");
  try {
    const module = await import(js);
    await module.default({ module_or_path: wasm });
    say("none");
    module.hydrate();
    for (const island of document.querySelectorAll("leptos-island")) {
      await module[island.dataset.component]?.(island);
    }
  } catch (failure) {
    say("failed");
    throw failure;
  }
  noted.awake = "yes";
  pressed?.click();
}

// A page whose module is large says that it is on its way, or that it did not come.
function say(what) {
  const place = document.querySelector("[data-wait]");
  if (place) place.textContent = place.dataset[what] ?? "";
}

const early = (kind, note) => addEventListener(kind, (event) => { if (!noted.awake) note(event); });
touches.forEach((kind) => addEventListener(kind, wake, { capture: true, passive: true }));
early("input", ({ target }) => { noted.typed = target.dataset.typed = "yes"; });
early("click", ({ target }) => { pressed = target.closest("[data-again]") ?? pressed; });
// Else the browser would leave the page and show the file.
early("dragover", (event) => { if (event.target.closest("[data-drop]")) event.preventDefault(); });
early("drop", (event) => {
  const input = event.target.closest("[data-drop]")?.querySelector("input");
  if (!input) return;
  event.preventDefault();
  input.files = event.dataTransfer.files;
});
