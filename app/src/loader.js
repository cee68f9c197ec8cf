// Wakes the page's islands. Pages work without it. The module is fetched when the reader first touches the page, or at once when an
// island asks for it, so that a page read on a slow line costs no more than its text.
const { js, wasm } = document.querySelector("script[data-js]").dataset;
const touches = ["pointerdown", "keydown", "focusin"];
const noted = document.documentElement.dataset;
let asked = false;

async function wake() {
  if (asked) return;
  asked = true;
  touches.forEach((kind) => removeEventListener(kind, wake, true));
  const module = await import(js);
  await module.default({ module_or_path: wasm });
  module.hydrate();
  for (const island of document.querySelectorAll("leptos-island")) {
    await module[island.dataset.component]?.(island);
  }
  noted.awake = "yes";
}

touches.forEach((kind) => addEventListener(kind, wake, { capture: true, passive: true }));
// What is typed before an island is there to hear it.
addEventListener("input", () => { noted.typed = "yes"; }, { once: true, passive: true });
if (document.querySelector("[data-wake=now]")) requestIdleCallback?.(wake) ?? wake();
