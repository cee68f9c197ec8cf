// The whole road on the open round, as the people walk it: a district applies, the agency ranks and awards, a region draws and reports,
// and the public reads where each dollar went.
import type { Page } from '@playwright/test';
import { fillSections } from './application.ts';
import { expect, freshDemo, letter, look, ruleOnContests, signInAs } from './support.ts';

const test = freshDemo();
const round = '/programs/career-coaches/2024-25';
const district = 'Natchez-Adams School District';
const region = 'Central Mississippi Planning and Development District';

async function moveClock(page: Page, words: string): Promise<void> {
  await page.goto('/demo');
  await page.getByRole('button', { name: words }).click();
  await expect(page.getByText('it has been moved')).toBeVisible();
}

/** Scores each rubric that is still to be scored, on the application's own page. */
async function scoreAll(page: Page): Promise<void> {
  const open = page.locator('section.al-card:has(form[action$="/score"]):not(:has(details))');
  for (let left = await open.count(); left > 0; left -= 1) {
    const card = open.first();
    await card.locator('.usa-radio__label').nth(2).click();
    await card.getByLabel('Reason').fill('The letters name who will do what, and until when.');
    await card.getByRole('button', { name: 'Save the score' }).click();
    await expect(open).toHaveCount(left - 1);
  }
}

test('the whole road, from the call to the reported dollar', async ({ page }) => {
  test.setTimeout(15 * 60_000);
  let number = '';

  await test.step('a preparer finds the call and applies', async () => {
    await page.goto('/');
    await look(page, 'road-01-home');
    await page.getByRole('link', { name: /School year 2024-25/ }).first().click();
    await look(page, 'road-02-call');
    await page.getByRole('link', { name: 'Start an application' }).first().click();
    await expect(page).toHaveURL(/\/sign-in/);
    await signInAs(page, 'Josie Bell');
    await look(page, 'road-03-preparer-home');
    await page.goto('/apply');
    await look(page, 'road-04-applications');
    await page.getByRole('link', { name: /^Before you start/ }).click();
    await look(page, 'road-05-before-you-start');
    await page.getByRole('button', { name: 'Start' }).click();
    await expect(page.getByText('0 of 5 sections completed.')).toBeVisible();
    await look(page, 'road-06-task-list');
    await page.getByRole('link', { name: 'Your district' }).click();
    await expect(page.getByText('Natchez-Adams').first()).toBeVisible();
    await fillSections(page, (name) => look(page, `road-07-${name}`));
    await page.getByLabel('Files').setInputFiles(letter('chamber-of-commerce.pdf'));
    await page.getByRole('button', { name: 'Upload' }).click();
    await expect(page.getByRole('link', { name: 'chamber-of-commerce.pdf' })).toBeVisible();
    await look(page, 'road-08-letters');
    await page.getByRole('link', { name: 'Continue: check your answers' }).click();
    await look(page, 'road-09-check-as-preparer');
    await page.getByRole('button', { name: 'Ask your certifier to sign' }).click();
    await expect(page).toHaveURL(/asked/);
    await look(page, 'road-10-asked');
    await page.goto('/demo/mail');
    await expect(page.getByText('Harold').first()).toBeVisible();
  });

  await test.step('the certifier signs, submits and keeps the receipt', async () => {
    await signInAs(page, 'Harold Nix');
    await look(page, 'road-11-certifier-home');
    await page.goto('/apply');
    await page.getByRole('link', { name: /^Go on/ }).click();
    await page.getByRole('link', { name: 'Check your answers and submit' }).click();
    await look(page, 'road-12-check-as-certifier');
    await page.getByRole('button', { name: 'Sign and submit' }).click();
    await expect(page.getByRole('alert')).toContainText('There is a problem');
    await look(page, 'road-13-not-signed');
    await page.getByRole('checkbox').press('Space');
    await page.getByLabel('Your full name').fill('Harold Nix');
    await page.getByRole('button', { name: 'Sign and submit' }).click();
    await expect(page).toHaveURL(/\/receipt$/);
    const receipt = page.locator('.al-receipt');
    number = (await receipt.innerText()).match(/A-\d{4}-\d{4}/)?.[0] ?? '';
    expect(number).not.toBe('');
    await expect(receipt).toContainText('by the server’s clock');
    await expect(receipt.locator('.al-hash').first()).toHaveText(/^[0-9a-f]{64}$/);
    await look(page, 'road-14-receipt');
    await page.goto(page.url().replace('receipt', 'outcome'));
    await expect(page.getByText('Not decided yet.')).toBeVisible();
    await look(page, 'road-15-no-outcome-yet');
  });

  await test.step('at the deadline the door shuts', async () => {
    await moveClock(page, 'Just after the deadline');
    await signInAs(page, 'Keisha Moore');
    await page.goto(round);
    await expect(page.getByText('Closed').first()).toBeVisible();
    await look(page, 'road-16-call-closed');
    await page.goto('/apply');
    await look(page, 'road-17-nothing-open');
  });

  await test.step('the manager decides who can be considered', async () => {
    await signInAs(page, 'Dana Whitfield');
    await look(page, 'road-18-manager-home');
    await page.goto('/review');
    await look(page, 'road-19-rounds');
    await page.locator('main').getByRole('link', { name: /2024-25/ }).first().click();
    await look(page, 'road-20-list');
    await page.getByRole('link', { name: number }).click();
    await look(page, 'road-21-application-to-screen');
    for (;;) {
      const form = page.locator('#eligibility form');
      await form.getByText('Eligible', { exact: true }).click();
      await form.getByLabel('Reason').fill('A public school district of the state, within the call.');
      await form.getByRole('button', { name: 'Decide' }).click();
      await expect(page.locator('#eligibility').getByText('Decided by Dana Whitfield')).toBeVisible();
      const next = page.getByRole('link', { name: 'Next to decide' });
      if (!(await next.count())) break;
      const here = page.url();
      await next.click();
      await expect(page).not.toHaveURL(here);
    }
    await look(page, 'road-22-application-screened');
    await page.getByRole('link', { name: /^Applications,/ }).click();
    await expect(page.locator('tbody').getByText('To decide')).toHaveCount(0);
  });

  await test.step('the reviewer scores each application, with reasons', async () => {
    await signInAs(page, 'Marcus Reed');
    await look(page, 'road-23-reviewer-home');
    await page.goto('/review');
    await page.locator('main').getByRole('link', { name: /2024-25/ }).first().click();
    const addresses = await page.locator('tbody a[href^="/review/applications/"]').evaluateAll((links) => [...new Set(links.map((link) => link.getAttribute('href') ?? ''))]);
    expect(addresses.length).toBeGreaterThanOrEqual(13);
    for (const [index, address] of addresses.entries()) {
      await page.goto(address);
      if (index === 0) await look(page, 'road-24-application-to-score');
      await scoreAll(page);
    }
    await look(page, 'road-25-application-scored');
  });

  await test.step('the manager ranks, freezes, replays and proposes', async () => {
    await signInAs(page, 'Dana Whitfield');
    await page.goto('/review');
    await page.locator('main').getByRole('link', { name: /2024-25/ }).first().click();
    await ruleOnContests(page);
    await page.getByRole('link', { name: 'Rank', exact: true }).click();
    await look(page, 'road-26-ranking-to-freeze');
    await page.getByRole('link', { name: `${number}: working` }).click();
    await look(page, 'road-27-working-before');
    await page.goBack();
    await page.getByText('I have looked through the list').click();
    await page.getByRole('button', { name: 'Freeze the ranking' }).click();
    await expect(page.getByText('Frozen by Dana Whitfield')).toBeVisible();
    await look(page, 'road-28-frozen');
    await page.getByRole('link', { name: 'Replay' }).click();
    await look(page, 'road-29-replayed');
    await page.goBack();
    await page.locator('main').getByRole('link', { name: 'Awards', exact: true }).click();
    await look(page, 'road-30-to-propose');
    await page.getByRole('button', { name: 'Propose this allocation' }).click();
    await expect(page.getByText('It waits for “The office\'s approval”.')).toBeVisible();
    await look(page, 'road-31-proposed');
  });

  await test.step('two others approve, one after the other', async () => {
    await signInAs(page, 'Ellen Park');
    await look(page, 'road-32-approver-home');
    await page.goto('/decide');
    await look(page, 'road-33-decide');
    await page.locator('main').getByRole('link', { name: /2024-25/ }).first().click();
    await look(page, 'road-34-to-approve');
    await page.getByText('I have read the steps below').click();
    await page.getByRole('button', { name: 'Approve: The office\'s approval' }).click();
    await expect(page.getByText('Approved by Ellen Park').first()).toBeVisible();
    const awards = page.url();
    await signInAs(page, 'Tomas Rivera');
    await page.goto(awards);
    await page.getByText('I have read the steps below').click();
    await page.getByRole('button', { name: 'Approve the awards' }).click();
    await expect(page.getByText('approved by Tomas Rivera').first()).toBeVisible();
    await look(page, 'road-35-approved');
  });

  await test.step('the manager tells the applicants and publishes', async () => {
    await signInAs(page, 'Dana Whitfield');
    await page.goto('/decide');
    await page.locator('main').getByRole('link', { name: /2024-25/ }).first().click();
    await look(page, 'road-36-to-tell');
    await page.getByRole('button', { name: 'Tell the applicants' }).click();
    await look(page, 'road-37-to-publish');
    await page.getByRole('button', { name: 'Publish the results' }).click();
    await expect(page.getByText('Results were published')).toBeVisible();
    await look(page, 'road-38-published');
  });

  await test.step('the applicant reads the outcome with its working', async () => {
    await signInAs(page, 'Josie Bell');
    await page.goto('/apply');
    await page.getByRole('link', { name: /^Receipt and outcome/ }).first().click();
    await page.getByRole('link', { name: 'Outcome' }).click();
    await expect(page.getByRole('heading', { name: /^Funded/ })).toBeVisible();
    await expect(page.getByText('How your points were reached')).toBeVisible();
    await look(page, 'road-39-outcome');
  });

  let draw = '';
  await test.step('the region asks for money; the fiscal agent asks back', async () => {
    await signInAs(page, 'Gordon Hale');
    await look(page, 'road-40-region-home');
    await page.goto('/fund');
    await look(page, 'road-41-awards-of-the-region');
    await page.locator('main').getByRole('row').filter({ hasText: '2024-25' }).getByRole('link').first().click();
    await expect(page.getByText(district)).toBeVisible();
    await look(page, 'road-42-award');
    await page.getByRole('link', { name: 'Request a draw' }).click();
    await page.getByLabel('Amount in dollars').fill('99,999,999.00');
    await page.getByLabel('What is it for?').fill('Salaries of three coaches, August to October 2024');
    await page.getByRole('button', { name: 'Request the draw' }).click();
    await expect(page.getByRole('alert')).toContainText('There is a problem');
    await expect(page.getByLabel('What is it for?')).toHaveValue('Salaries of three coaches, August to October 2024');
    await look(page, 'road-43-too-much');
    await page.getByLabel('Amount in dollars').fill('25,000.00');
    await page.getByRole('button', { name: 'Request the draw' }).click();
    await expect(page).toHaveURL(/\/fund\/draws\//);
    draw = page.url();
    await look(page, 'road-44-draw-requested');

    await signInAs(page, 'Tomas Rivera');
    await look(page, 'road-45-fiscal-home');
    await page.goto('/fund');
    await look(page, 'road-46-draws-to-decide');
    await page.goto(draw);
    await look(page, 'road-47-draw-to-decide');
    await page.getByLabel('Or ask a question').fill('Which months are these salaries for?');
    await page.getByRole('button', { name: 'Return with this question' }).click();
    await expect(page.getByText('Which months are these salaries for?').first()).toBeVisible();
    await look(page, 'road-48-draw-returned');

    await signInAs(page, 'Gordon Hale');
    await page.goto(draw);
    await look(page, 'road-49-draw-to-answer');
    await page.getByLabel('Your answer').fill('August, September and October.');
    await page.getByRole('button', { name: 'Send it again' }).click();
    await expect(page.getByText('August, September and October.')).toBeVisible();

    await signInAs(page, 'Tomas Rivera');
    await page.goto(draw);
    await page.getByRole('button', { name: 'Approve $25,000' }).click();
    // The money is the next fiscal year's: nothing is paid before July.
    await page.getByLabel('Warrant or transfer number').fill('W-104-2231');
    await page.getByRole('button', { name: /^Record that/ }).click();
    await expect(page.getByRole('alert')).toContainText('can be paid from July 1, 2024 on');
    for (let month = 0; month < 2; month += 1) await moveClock(page, 'Thirty days on');
    await page.goto(draw);
    await look(page, 'road-50-draw-to-pay');
    await page.getByLabel('Warrant or transfer number').fill('W-104-2231');
    await page.getByRole('button', { name: /^Record that/ }).click();
    await expect(page.getByText('W-104-2231').first()).toBeVisible();
    await look(page, 'road-51-draw-paid');
  });

  let report = '';
  await test.step('after the quarter the region reports, and the agency accepts', async () => {
    for (let month = 0; month < 3; month += 1) await moveClock(page, 'Thirty days on');
    await signInAs(page, 'Priya Raman');
    await page.goto('/report');
    await look(page, 'road-52-reports-of-the-region');
    await page.getByRole('link', { name: 'July to September 2024' }).click();
    report = page.url();
    await page.getByLabel('Coaches\' salaries').fill('18,000.00');
    for (const label of ['Benefits and payroll taxes', 'Travel', 'Training', 'Supplies and equipment', 'Administration']) {
      await page.getByLabel(label).fill('1,000.00');
    }
    const counts = page.locator('input[inputmode=numeric]');
    for (let index = 0; index < (await counts.count()); index += 1) await counts.nth(index).fill(String(3 + index * 40));
    await page.getByLabel('In a few sentences').fill('Two coaches started in August; the third follows in October.');
    await page.getByRole('button', { name: 'Save draft' }).click();
    await look(page, 'road-53-report-drafted');

    await signInAs(page, 'Gordon Hale');
    await page.goto(report);
    await look(page, 'road-54-report-to-sign');
    await page.getByText('I certify that this report').click();
    await page.getByLabel('Your full name').fill('Gordon Hale');
    await page.getByRole('button', { name: 'Check, sign and submit' }).click();
    await expect(page.getByText('Digest (SHA-256) of what was signed')).toBeVisible();
    await look(page, 'road-55-report-signed');

    await signInAs(page, 'Dana Whitfield');
    await page.goto(report);
    await look(page, 'road-56-report-to-accept');
    await page.getByRole('button', { name: 'Accept the report' }).click();
    await expect(page.getByText('Accepted').first()).toBeVisible();
    await look(page, 'road-57-report-accepted');
  });

  await test.step('the public sees the money, and each figure opens its rows', async () => {
    await page.context().clearCookies();
    await page.goto(`${round}/results`);
    await look(page, 'road-58-public-results');
    const line = page.locator('.al-money-line');
    await expect(line).toContainText('$25,000');
    await expect(line).toContainText('$23,000');
    const figures = line.getByRole('link');
    for (let index = 0; index < (await figures.count()); index += 1) {
      const shown = (await figures.nth(index).innerText()).match(/\$[\d,]+(\.\d\d)?/)?.[0] ?? 'no figure';
      await figures.nth(index).click();
      await expect(page.locator('tfoot td')).toHaveText(shown.includes('.') ? shown : `${shown}.00`);
      await look(page, `road-59-money-${index + 1}`);
      await page.goBack();
    }
    await page.getByRole('link', { name: district }).first().click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(district);
    await look(page, 'road-60-public-working');
    await expect(page.getByText('Harold Nix')).toHaveCount(0);
  });

  await test.step('the auditor reads every act and every entry', async () => {
    await signInAs(page, 'Ruth Okafor');
    await look(page, 'road-61-auditor-home');
    await page.goto('/audit');
    await look(page, 'road-62-history');
    await page.goto(draw.replace('/fund/draws/', '/audit/draw/'));
    await expect(page.getByText('Tomas Rivera').first()).toBeVisible();
    await look(page, 'road-63-history-of-the-draw');
    await page.goto('/audit');
    await page.locator('main a[href^="/audit/ledger/"]').first().click();
    await look(page, 'road-64-ledger');
    await page.goto(draw);
    await expect(page.locator('main').getByRole('button')).toHaveCount(0);
    await expect(page.getByText(region).first()).toBeVisible();
  });
});
