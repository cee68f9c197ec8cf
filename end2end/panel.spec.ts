// The panel of the bridge round: a reviewer who works by keyboard alone, one who has a conflict and is refused, the chair, and what they say to
// each other.
import type { Page } from '@playwright/test';
import { bothWays, expect, freshDemo, look, signInAs } from './support.ts';

const keyboard = freshDemo();

/** The heading of a sheet begins with its application's number. */
const number = (page: Page) => page.locator('h1').innerText().then((text) => text.split(' ')[0]);

/** Presses Tab until something that matches has the focus. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 400; presses += 1) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`The keyboard does not reach ${selector} on ${page.url()}`);
}

keyboard('twenty reviews by keyboard alone', async ({ page }) => {
  keyboard.setTimeout(10 * 60_000);
  await signInAs(page, 'Marcus Reed');
  await page.goto('/review/desk');
  await expect(page.getByRole('heading', { name: 'Conflicts of interest, Summer bridge 2024' })).toBeVisible();
  await look(page, 'panel-01-conflicts');
  await tabTo(page, '#none');
  await page.keyboard.press('Space');
  await tabTo(page, 'main button[type=submit]');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Your reviews, Summer bridge 2024' })).toBeVisible();
  await look(page, 'panel-02-desk');
  await tabTo(page, 'a.usa-button[href^="/review/desk/"]');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Your scores' })).toBeVisible();
  await look(page, 'panel-03-sheet');
  const seen = new Set<string>();
  for (let done = 0; done < 20; done += 1) {
    const here = await number(page);
    expect(seen.has(here)).toBe(false);
    seen.add(here);
    await expect(page.locator('.al-steps')).toContainText(`${done} of`);
    for (const criterion of ['community_support', 'college_ties']) {
      await tabTo(page, `input[name="${criterion}-points"]`);
      await page.keyboard.press('Space');
      for (let step = 0; step < done % 3; step += 1) await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Tab');
      await page.keyboard.type('The letters and the plan say as much.');
    }
    if (done === 0) {
      // Half a minute's work is not lost without the button: the draft saves itself.
      await expect(page.getByRole('status').filter({ hasText: 'Saved at' })).toBeVisible({ timeout: 15_000 });
    }
    await tabTo(page, 'button[value=hand_in]');
    await page.keyboard.press('Enter');
    await expect(page.locator('.al-steps')).toContainText(`${done + 1} of`);
  }
  await look(page, 'panel-04-the-next-sheet');
});

bothWays((test, look) => {
  test('a member with a conflict is refused, and the manager finds somebody else', async ({ page }) => {
    await signInAs(page, 'Noah Lindqvist');
    await page.goto('/review/desk');
    await page.getByRole('row', { name: /To review/ }).first().getByRole('link').click();
    const sheet = page.url();
    const application = await number(page);
    await page.getByText('I have a conflict of interest with this applicant').click();
    await page.getByLabel('What the tie is').fill('My sister sits on its board.');
    await page.getByRole('button', { name: 'Declare the conflict' }).click();
    await expect(page.getByRole('heading', { name: 'Your reviews, Summer bridge 2024' })).toBeVisible();
    const refused = await page.goto(sheet);
    expect(refused?.status()).toBe(403);
    await expect(page.getByText('you can neither read nor score')).toBeVisible();
    await look(page, 'panel-05-refused');

    await signInAs(page, 'Dana Whitfield');
    await page.goto('/review');
    await page.getByRole('link', { name: /Summer bridge 2024/ }).click();
    await page.getByRole('link', { name: 'The panel' }).click();
    await look(page, 'panel-06-panel');
    const row = page.getByRole('row', { name: new RegExp(`^${application} `) }).filter({ hasText: 'to be assigned' });
    await expect(row).toHaveCount(1);
    await page.getByRole('button', { name: 'Assign what is missing, evenly' }).click();
    await expect(page.getByRole('heading', { name: 'Assigned', exact: true })).toBeVisible();
    await expect(row).toHaveCount(0);
  });

  test('the chair looks over the panel and asks for another look', async ({ page }) => {
    await signInAs(page, 'Ines Carver');
    await page.goto('/review/desk');
    await page.getByRole('link', { name: 'You lead this panel: see how it stands' }).click();
    await page.getByRole('link', { name: /How far the reviewers are apart/ }).click();
    await look(page, 'panel-07-spread');
    await page.getByRole('table', { name: /Spread/ }).getByRole('link').first().click();
    await look(page, 'panel-08-one-application');
    await page.getByLabel('Add a note').fill('Far apart on community support; I ask again.');
    await page.getByRole('button', { name: 'Add the note' }).click();
    await expect(page.getByText('Far apart on community support; I ask again.')).toBeVisible();
    const card = page.locator('section.al-card').filter({ hasText: 'Ask for another look' }).filter({ hasNotText: 'Ines Carver' }).first();
    const asked = page.locator('section.al-card').filter({ hasText: 'Please read the second letter again.' });
    await card.getByText('Ask for another look').click();
    await card.getByLabel(/^Why \(/).fill('Please read the second letter again.');
    await card.getByRole('button', { name: 'Ask', exact: true }).click();
    await expect(asked).toContainText('Another look asked for');
    await look(page, 'panel-09-asked-again');
  });

  test('ties are declared, a draft is saved, and a review is handed in', async ({ page }) => {
    await signInAs(page, 'Marcus Reed');
    await page.goto('/review/desk');
    await page.getByRole('button', { name: 'Declare' }).click();
    await expect(page.getByRole('alert')).toContainText('say that there is none');
    await page.getByText('I have no tie to any of them.').click();
    await page.getByRole('button', { name: 'Declare' }).click();
    await page.getByRole('link', { name: 'Go on with the next' }).click();
    const here = await number(page);
    await page.getByText('100 points').first().click();
    await page.getByLabel(/^Reason: /).first().fill('The letters say as much.');
    await page.getByRole('button', { name: 'Save the draft' }).click();
    await expect(page.getByText('Last saved')).toBeVisible();
    await page.getByRole('button', { name: 'Hand in and go to the next' }).click();
    await expect(page.locator('.al-error-summary')).toBeVisible();
    await expect(page.getByLabel(/^Reason: /).first()).toHaveValue('The letters say as much.');
    await page.getByText('100 points').nth(1).click();
    await page.getByLabel(/^Reason: /).nth(1).fill('The plan names the courses.');
    await page.getByRole('button', { name: 'Hand in and go to the next' }).click();
    await expect(page.locator('.al-steps')).toContainText('1 of');
    expect(await number(page)).not.toBe(here);
  });

  test('two reviewers talk about an application that both have handed in', async ({ page }) => {
    const open = () => page.getByRole('link', { name: /^Discussion of / });
    const numbers = async () => {
      const labels = await open().evaluateAll((links) => links.map((link) => link.getAttribute('aria-label') ?? ''));
      return labels.map((label) => label.split(/[ :]/)[2]);
    };
    await signInAs(page, 'Omar Haddad');
    await page.goto('/review/desk');
    const own = await numbers();
    await signInAs(page, 'Noah Lindqvist');
    await page.goto('/review/desk');
    const both = (await numbers()).find((found) => own.includes(found));
    await page.getByRole('link', { name: `Discussion of ${both}` }).click();
    await page.getByLabel('Add a note').fill('far '.repeat(600));
    await page.getByRole('button', { name: 'Add the note' }).click();
    await expect(page.locator('.al-error-summary')).toContainText('2,399 characters long');
    await page.getByLabel('Add a note').fill('I read the second letter as a promise, not a wish.');
    await page.getByRole('button', { name: 'Add the note' }).click();
    await expect(page.getByText('I read the second letter as a promise, not a wish.')).toBeVisible();

    await signInAs(page, 'Omar Haddad');
    await page.goto('/review/desk');
    const news = page.locator('.usa-alert').filter({ hasText: 'Others have written since you last did' });
    await look(page, 'panel-10-desk-with-notes');
    await news.getByRole('link', { name: `${both}` }).click();
    await look(page, 'panel-11-discussion');
    await page.getByLabel('Add a note').fill('So do I, now.');
    await page.getByRole('button', { name: 'Add the note' }).click();
    await expect(page.getByText('So do I, now.')).toBeVisible();
    await page.goto('/review/desk');
    await expect(page.getByRole('heading', { name: /^Your reviews, / })).toBeVisible();
    await expect(news.getByRole('link', { name: `${both}` })).toHaveCount(0);
  });
});
