// The rules of an open round change: a manager proposes the changed file and sees what it would change, an approver returns it and then approves
// it, and the public and an applicant read what changed and why.
import type { Page } from '@playwright/test';
import { bothWays, expect, signInAs } from './support.ts';

async function fill(page: Page, reason: string): Promise<void> {
  const file = page.getByLabel('The program file, changed');
  const text = await file.inputValue();
  const changed = text.replace(/^due_days = \d+/m, 'due_days = 44');
  expect(changed).not.toBe(text);
  await file.fill(changed);
  await page.getByLabel('The authority for this change').fill('Minutes of the board, April 22, 2024, item 3.');
  await page.getByLabel('Why must the rules change now?').fill(reason);
  await page.getByLabel('What are applicants told?').fill('Whoever is funded has 44 days for each report. Nothing else changes.');
}

async function propose(page: Page, reason: string): Promise<void> {
  await signInAs(page, 'Dana Whitfield');
  await page.goto('/manage');
  await page.getByRole('link', { name: 'School year 2024-25' }).click();
  await page.getByRole('link', { name: 'Propose an amendment' }).click();
  await fill(page, reason);
  await page.getByRole('button', { name: 'Show what would change' }).click();
  await expect(page.getByRole('heading', { name: 'What would change' })).toBeVisible();
  await expect(page.getByRole('row', { name: /days until a report is due/ })).toContainText('44');
}

async function asApprover(page: Page): Promise<void> {
  await signInAs(page, 'Ellen Park');
  await page.goto('/home');
  await page.getByRole('link', { name: '1 amendment of a round’s rules waits for approval' }).click();
  await page.getByRole('heading', { name: 'Amendments that wait for approval' }).locator('..').getByRole('link').click();
}

bothWays((test, look) => {
  test('an amendment is returned, proposed again, approved and read by everybody', async ({ page }) => {
    test.setTimeout(5 * 60_000);
    await propose(page, 'Districts asked for more time.');
    await look(page, 'amend-01-what-would-change');
    await page.getByLabel('The authority for this change').fill('');
    await page.getByRole('button', { name: 'Show what would change' }).click();
    await expect(page.getByText('Name the authority').first()).toBeVisible();
    await look(page, 'amend-02-refused');
    await page.getByLabel('The authority for this change').fill('Minutes of the board, April 22, 2024, item 3.');
    await page.getByRole('button', { name: 'Show what would change' }).click();
    await page.getByRole('button', { name: 'Propose this amendment' }).click();
    await expect(page.getByText('Waits for approval')).toBeVisible();

    await asApprover(page);
    await look(page, 'amend-03-to-approve');
    await page.getByLabel('What should be different?').fill('Say which districts asked.');
    await page.getByRole('button', { name: 'Return the amendment' }).click();
    await expect(page.getByText('Say which districts asked.').first()).toBeVisible();

    await propose(page, 'The districts of two regions asked for more time.');
    await page.getByRole('button', { name: 'Propose this amendment' }).click();
    await asApprover(page);
    await page.getByText('I have read what changes and why, and approve it.').click();
    await page.getByRole('button', { name: 'Approve the amendment' }).click();
    await expect(page.getByText('version 2 of the rules since')).toBeVisible();

    await page.goto('/programs/career-coaches/2024-25');
    await expect(page.getByRole('heading', { name: /^Rules amended/ })).toBeVisible();
    await look(page, 'amend-04-public-round');
    await page.getByRole('link', { name: 'What changed and why' }).click();
    await expect(page.getByText('Version 2 is in force.')).toBeVisible();
    await look(page, 'amend-05-versions');
  });
});
