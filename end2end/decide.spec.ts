// After a ranking: an approver reads the packet and returns the proposal, then approves it; results wait for their second; an applicant who was
// found not eligible appeals, somebody else rules, and the award is paid from what was set aside.
import type { Page } from '@playwright/test';
import { fillSections } from './application.ts';
import { bothWays, expect, ruleOnContests, signInAs } from './support.ts';

async function openRound(page: Page, room: string): Promise<void> {
  await page.goto(room);
  await page.locator('main').getByRole('link', { name: /2024-25/ }).first().click();
}

/** Screens every application: the one of `refused` is not eligible. */
async function screen(page: Page, refused: string): Promise<void> {
  await openRound(page, '/review');
  await page.getByRole('link', { name: refused }).click();
  for (let first = true; ; first = false) {
    const form = page.locator('#eligibility form');
    await form.getByText(first ? 'Not eligible' : 'Eligible', { exact: true }).click();
    await form.getByLabel('Reason').fill(first ? 'The form names no high school of the district.' : 'A public school district within the call.');
    await form.getByRole('button', { name: 'Decide' }).click();
    await expect(page.locator('#eligibility').getByText('Decided by Dana Whitfield')).toBeVisible();
    const next = page.getByRole('link', { name: 'Next to decide' });
    if (!(await next.count())) break;
    const here = page.url();
    await next.click();
    await expect(page).not.toHaveURL(here);
  }
}

/** Scores every rubric of every eligible application. */
async function score(page: Page): Promise<void> {
  await openRound(page, '/review');
  const links = page.locator('tbody a[href^="/review/applications/"]');
  const addresses = await links.evaluateAll((found) => [...new Set(found.map((link) => link.getAttribute('href') ?? ''))]);
  for (const address of addresses) {
    await page.goto(address);
    const open = page.locator('section.al-card:has(form[action$="/score"]):not(:has(details))');
    for (let left = await open.count(); left > 0; left -= 1) {
      const card = open.first();
      await card.locator('.usa-radio__label').nth(2).click();
      await card.getByLabel('Reason').fill('The letters name who will do what, and until when.');
      await card.getByRole('button', { name: 'Save the score' }).click();
      await expect(open).toHaveCount(left - 1);
    }
  }
}

async function propose(page: Page): Promise<void> {
  await signInAs(page, 'Dana Whitfield');
  await openRound(page, '/decide');
  await page.getByRole('button', { name: 'Propose this allocation' }).click();
}

bothWays((test, look) => {
  test('a proposal is returned and approved, released at its second, appealed and put right', async ({ page }) => {
    test.setTimeout(15 * 60_000);
    let number = '';
    let application = '';

    await test.step('an applicant submits, the round closes, the agency screens, scores and freezes', async () => {
      await signInAs(page, 'Harold Nix');
      await page.goto('/apply');
      await page.getByRole('link', { name: /^Before you start/ }).click();
      await page.getByRole('button', { name: 'Start' }).click();
      await page.getByRole('link', { name: 'Your district' }).click();
      await fillSections(page, async () => {});
      application = page.url().match(/\/apply\/([0-9a-f-]+)/)?.[1] ?? '';
      await page.goto(`/apply/${application}/check`);
      await page.getByRole('checkbox').press('Space');
      await page.getByLabel('Your full name').fill('Harold Nix');
      await page.getByRole('button', { name: 'Sign and submit' }).click();
      await expect(page).toHaveURL(/\/receipt$/);
      number = (await page.locator('.al-receipt').innerText()).match(/A-\d{4}-\d{4}/)?.[0] ?? '';
      await page.goto('/demo');
      await page.getByRole('button', { name: 'Just after the deadline' }).click();
      await expect(page.getByText('it has been moved')).toBeVisible();
      await signInAs(page, 'Dana Whitfield');
      await screen(page, number);
      await signInAs(page, 'Marcus Reed');
      await score(page);
      await signInAs(page, 'Dana Whitfield');
      await openRound(page, '/review');
      await ruleOnContests(page);
      await page.getByRole('link', { name: 'Rank', exact: true }).click();
      await page.getByText('I have looked through the list').click();
      await page.getByRole('button', { name: 'Freeze the ranking' }).click();
      await expect(page.getByText('Frozen by Dana Whitfield')).toBeVisible();
    });

    let awards = '';
    await test.step('the approver reads the packet and returns the proposal', async () => {
      await propose(page);
      awards = page.url();
      await signInAs(page, 'Ellen Park');
      await page.goto(awards);
      await page.getByRole('link', { name: 'The packet for approvers' }).click();
      await expect(page.getByRole('heading', { name: 'Exceptions to rank order' })).toBeVisible();
      await expect(page.getByText('Set aside for appeals')).toBeVisible();
      await look(page, 'decide-01-packet');
      await page.goto(awards);
      await look(page, 'decide-02-first-step');
      await page.getByRole('button', { name: 'Return the proposal' }).click();
      await expect(page.getByRole('alert')).toContainText('Say what should be different');
      await page.getByLabel('What should be different?').fill('Look at the reserve again with the fiscal agent.');
      await page.getByRole('button', { name: 'Return the proposal' }).click();
      await expect(page.getByRole('heading', { name: 'Returned before' })).toBeVisible();
    });

    await test.step('it is proposed again and approved in two steps', async () => {
      await propose(page);
      await signInAs(page, 'Ellen Park');
      await page.goto(awards);
      await page.getByText('I have read the steps below').click();
      await page.getByRole('button', { name: 'Approve: The office\'s approval' }).click();
      await expect(page.getByText('Approved by Ellen Park').first()).toBeVisible();
      await look(page, 'decide-03-second-step-waits');
      await signInAs(page, 'Tomas Rivera');
      await page.goto(awards);
      await page.getByText('I have read the steps below').click();
      await page.getByRole('button', { name: 'Approve the awards' }).click();
      await expect(page.getByText('approved by Tomas Rivera').first()).toBeVisible();
    });

    await test.step('the manager reads the letters, sets a time, holds it back, and releases at once', async () => {
      await signInAs(page, 'Dana Whitfield');
      await page.goto(awards);
      await page.getByRole('link', { name: 'Read the letters first' }).click();
      await expect(page.getByText('We are glad to tell you').first()).toBeVisible();
      await look(page, 'decide-04-letters');
      await page.goto(awards);
      await page.getByLabel('Not before (optional)').fill('2024-12-24T09:00');
      await page.getByRole('button', { name: 'Tell the applicants' }).click();
      await expect(page.getByText('The applicants are told December 24, 2024, 9:00 a.m. CST.')).toBeVisible();
      await look(page, 'decide-05-embargo');
      await page.getByRole('button', { name: 'Hold it back' }).click();
      await page.getByRole('button', { name: 'Tell the applicants' }).click();
      await expect(page.getByRole('button', { name: 'Publish the results' })).toBeVisible();
    });

    await test.step('the applicant reads the letter and appeals', async () => {
      await signInAs(page, 'Harold Nix');
      await page.goto(`/apply/${application}/outcome`);
      await page.getByRole('link', { name: 'The letter' }).click();
      await expect(page.getByText('was found not eligible')).toBeVisible();
      await look(page, 'decide-06-letter');
      await page.goto(`/apply/${application}/outcome`);
      await page.getByRole('link', { name: 'Appeal against the decision' }).click();
      await look(page, 'decide-07-appeal');
      await page.getByLabel('Say what was wrong').fill('Section 2 names Natchez High School.');
      await page.getByRole('button', { name: 'Submit the appeal' }).click();
      await expect(page.getByRole('alert')).toContainText('Choose the ground of the appeal');
      await expect(page.getByLabel('Say what was wrong')).toHaveValue('Section 2 names Natchez High School.');
      await page.getByText('Something we handed in was not considered').click();
      await page.getByRole('button', { name: 'Submit the appeal' }).click();
      await expect(page.locator('.al-receipt')).toContainText(`${number}-A1`);
      await look(page, 'decide-08-appeal-receipt');
    });

    await test.step('who had a hand in it can’t rule; somebody else does', async () => {
      await signInAs(page, 'Ellen Park');
      await page.goto(`${awards}/appeals`);
      await look(page, 'decide-09-appeals');
      await page.getByRole('link', { name: `${number}-A1` }).click();
      await expect(page.getByRole('heading', { name: 'Somebody else must rule' })).toBeVisible();
      const appeal = page.url();
      await signInAs(page, 'Naomi Ellis');
      await page.goto(appeal);
      await page.locator('label[for="ruling"]').click();
      await page.getByLabel('Reason').fill('The form does name a high school; the applicant is a public school district.');
      await page.getByRole('button', { name: 'Rule', exact: true }).click();
      await expect(page.getByRole('alert')).toContainText('Nothing is on record for “Strength of community support”');
      await expect(page.getByLabel('Reason')).toHaveValue(/^The form does name/);
      await page.getByLabel('Strength of community support').fill('100');
      await page.getByLabel('Ties with a community college').fill('100');
      await look(page, 'decide-10-ruling');
      await page.getByRole('button', { name: 'Rule', exact: true }).click();
      await expect(page.getByRole('heading', { name: 'The ruling' })).toBeVisible();
    });

    await test.step('the fiscal agent or the approver approves what it brings, and the applicant is told', async () => {
      for (const who of ['Ellen Park', 'Tomas Rivera']) {
        await signInAs(page, who);
        await page.goto(`${awards}/waitlist`);
        if (await page.getByRole('button', { name: 'Approve the offer' }).count()) break;
      }
      await look(page, 'decide-11-offer');
      await page.getByText('I have read these steps').click();
      await page.getByRole('button', { name: 'Approve the offer' }).click();
      await expect(page.getByText(/^Offer of .* approved\.$/)).toBeVisible();
      await look(page, 'decide-12-changed');
      await signInAs(page, 'Harold Nix');
      await page.goto(`/apply/${application}/outcome`);
      await expect(page.getByRole('heading', { name: /^Funded/ })).toBeVisible();
      await look(page, 'decide-13-put-right');
    });
  });
});
