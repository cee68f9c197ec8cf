// What script adds to an application: saving while one types, and a clock that runs.
import { setTimeout as pause } from 'node:timers/promises';
import { expect, freshDemo, listen, look, signInAs } from './support.ts';

const test = freshDemo();
const why = 'Why does your district need career coaches?';

test('what was typed is saved by itself, and two editors never overwrite each other', async ({ page, browser, baseURL }) => {
  test.setTimeout(5 * 60_000);
  await signInAs(page, 'Amos Tate');
  await page.goto('/apply');
  await page.getByRole('link', { name: /^Before you start/ }).click();
  await page.getByRole('button', { name: 'Start' }).click();
  const task = page.url();

  await test.step('typing is enough, also before the module has come over a slow line', async () => {
    await page.route('**/*.wasm', async (route) => {
      await pause(3_000);
      await route.continue();
    });
    await page.goto(`${task}/sections/need`);
    await page.getByLabel(why).pressSequentially('The mill closed.');
    await expect(page.locator('html')).not.toHaveAttribute('data-awake');
    await expect(page.getByText(/^Saved at /)).toBeVisible({ timeout: 30_000 });
    await look(page, 'autosave-01-saved');
    // The tab is gone, as when a machine goes down; nothing was pressed.
    const again = await page.context().newPage();
    await page.close({ runBeforeUnload: false });
    await again.goto(`${task}/sections/need`);
    await expect(again.getByLabel(why)).toHaveValue('The mill closed.');
    await again.close();
  });

  await test.step('a second save by itself continues the first, without a conflict', async () => {
    const mine = await page.context().newPage();
    await mine.goto(`${task}/sections/need`);
    const school = mine.getByLabel('Which high schools would be served?');
    await school.pressSequentially('Meridian High School');
    await expect(mine.getByText(/^Saved at /)).toBeVisible({ timeout: 30_000 });
    await mine.getByRole('button', { name: 'Save and come back later' }).click();
    await expect(mine).toHaveURL(task);
    await mine.close();
  });

  await test.step('a colleague who saved meanwhile is not overwritten, and no text is lost', async () => {
    const context = await browser.newContext({ baseURL });
    const told = listen(context);
    const theirs = await context.newPage();
    await signInAs(theirs, 'Lillian Cross');
    await theirs.goto(`${task}/sections/support`);
    const mine = await page.context().newPage();
    await mine.goto(`${task}/sections/support`);
    const question = 'Who supports this application, and what will they do?';
    await theirs.getByLabel(question).fill('The hospital.');
    await theirs.getByRole('button', { name: 'Save and come back later' }).click();
    await expect(theirs).toHaveURL(task);
    await mine.getByLabel(question).fill('The railway.');
    await mine.getByRole('button', { name: 'Save and continue' }).click();
    await expect(mine.locator('.al-error-summary')).toContainText('Somebody else saved this page');
    await expect(mine.getByLabel(question)).toHaveValue('The railway.');
    await expect(mine.getByText('The hospital.')).toBeVisible();
    await look(mine, 'autosave-02-conflict');
    await mine.getByLabel(question).fill('The hospital and the railway.');
    await mine.getByRole('button', { name: 'Save and come back later' }).click();
    await expect(mine).toHaveURL(task);
    await context.close();
    expect(told).toEqual([]);
  });
});

test('the countdown runs by the server’s figure', async ({ page }) => {
  await page.goto('/demo');
  await page.getByRole('button', { name: 'One minute before the deadline' }).click();
  await page.goto('/programs/career-coaches/2024-25');
  await page.mouse.move(10, 10);
  await page.keyboard.press('Tab');
  const timer = page.getByRole('timer').first();
  const before = await timer.innerText();
  expect(before).toMatch(/seconds? left|closed/);
  await expect(timer).not.toHaveText(before, { timeout: 20_000 });
});
