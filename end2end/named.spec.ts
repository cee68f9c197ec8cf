// Awards named in law: what the public reads, and the last recipient's way from its terms to its award.
import { expect, freshDemo, look, signInAs } from './support.ts';

const test = freshDemo();
const round = '/programs/education-partnerships/2024-26';

test('the recipient that waited accepts its terms and gets what the law names', async ({ page }) => {
  test.setTimeout(5 * 60_000);

  await page.goto(round);
  await expect(page.getByRole('heading', { name: 'Named in law' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'How applications are ranked' })).toHaveCount(0);
  await look(page, 'named-01-round');
  await page.goto(`${round}/results`);
  await expect(page.getByText('Waits for its terms')).toHaveCount(1);
  await look(page, 'named-02-results');
  await page.getByRole('link', { name: 'Northside Achievement Zone' }).first().click();
  await expect(page.getByText('None: nothing was ranked and no points were given.')).toBeVisible();
  await look(page, 'named-03-recipient');

  await signInAs(page, 'Maya Thao');
  await page.goto('/apply');
  await page.getByRole('link', { name: /^Receipt and outcome/ }).click();
  await page.getByRole('link', { name: 'terms', exact: true }).click();
  await page.getByRole('button', { name: 'Accept the terms' }).click();
  await expect(page.getByRole('alert')).toContainText('Tick the statement');
  await look(page, 'named-04-terms-refused');
  await page.getByText('I may bind the recipient').click();
  await page.getByLabel('Your full name').fill('Maya Thao');
  await page.getByRole('button', { name: 'Accept the terms' }).click();
  await expect(page.getByRole('heading', { name: 'The terms are accepted' })).toBeVisible();
  await look(page, 'named-05-terms');

  await signInAs(page, 'Anders Dahl');
  await page.goto('/decide');
  await page.getByRole('link', { name: /Two years from 2024/ }).click();
  await look(page, 'named-06-awards');
  await page.getByRole('link', { name: 'The packet for approvers' }).click();
  await look(page, 'named-07-packet');
  await page.goBack();
  await page.getByRole('link', { name: 'Those whom the law names' }).click();
  await look(page, 'named-08-list');
  await page.goBack();
  await page.getByRole('link', { name: 'Waiting list' }).click();
  await page.getByRole('button', { name: 'Propose this offer' }).click();
  await look(page, 'named-09-offer');

  await signInAs(page, 'Mai Vang');
  await page.goto('/decide');
  await page.getByRole('link', { name: /Two years from 2024/ }).click();
  await page.getByRole('link', { name: 'Waiting list' }).click();
  await page.getByText('I have read these steps').click();
  await page.getByRole('button', { name: 'Approve the offer' }).click();
  await expect(page.getByText('Nobody waits.')).toBeVisible();

  await page.goto(`${round}/results`);
  await expect(page.getByText('Waits for its terms')).toHaveCount(0);
  await expect(page.getByText('$6,000,000').first()).toBeVisible();
});
