// How long one move of a slider at the bench takes with as many applicants as the round has. A move begins within a frame's own callback, as a
// real one does; `told` is when ranking, laying out and telling are done, `drawn` is when the frame it belongs to has been handed over.
import { expect, test } from '@playwright/test';
import { writeFile } from 'node:fs/promises';

const MOVES = Number(process.env.FRAME_MOVES ?? '100');

interface Move {
  told: number;
  drawn: number;
}

test('a move at the bench', async ({ page, baseURL, context }) => {
  const [name, ...value] = (process.env.FRAME_COOKIE ?? '').split('=');
  await context.addCookies([{ name, value: value.join('='), url: baseURL }]);
  // What takes long is asked of the server once nothing moves; here something always does, and the server stays out of it.
  await page.route('**/slow?*', (route) => route.fulfill({ json: null }));
  await page.goto(process.env.FRAME_BENCH ?? '/');
  await expect(page.locator('html')).toHaveAttribute('data-awake', 'yes', { timeout: 60_000 });
  const list = page.getByText(/^Places \d+ to \d+ of \d+, about the line\.$/);
  const applicants = Number(/of (\d+),/.exec(await list.innerText())?.[1]);
  const results = page.locator('.al-bench__results');
  const before = await results.innerText();
  const moves = await page.evaluate(async (count) => {
    const slider = document.querySelector<HTMLInputElement>('.al-bench__slider');
    if (!slider) throw new Error('There is no slider.');
    const once = (to: string) => new Promise<{ told: number; drawn: number }>((done) => {
      requestAnimationFrame(async () => {
        const began = performance.now();
        const after = new MessageChannel();
        let told = 0;
        after.port1.onmessage = () => done({ told, drawn: performance.now() - began });
        slider.value = to;
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        // Effects run as microtasks, some of them one after another.
        for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
        told = performance.now() - began;
        // Laying out and painting come right after this callback; the message comes after them.
        after.port2.postMessage(null);
      });
    });
    const moves: { told: number; drawn: number }[] = [];
    // A few moves first, so that the module is compiled for speed.
    for (let nth = -20; nth < count; nth += 1) {
      const move = await once(String(((nth + 20) * 7) % 60 + 0.5));
      if (nth >= 0) moves.push(move);
    }
    return moves;
  }, MOVES);
  expect(await results.innerText()).not.toBe(before);
  const figures = (of: (move: Move) => number) => {
    const sorted = moves.map(of).sort((one, other) => one - other);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
    return { median: at(0.5), most: at(0.95) };
  };
  const told = { applicants, moves: moves.length, told: figures((move) => move.told), drawn: figures((move) => move.drawn) };
  console.log(JSON.stringify(told));
  if (process.env.FRAME_OUTPUT) await writeFile(process.env.FRAME_OUTPUT, JSON.stringify(told));
});
