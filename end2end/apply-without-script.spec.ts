// The applicant's part once more, on a phone and without any script: everything is links and forms.
import type { Page } from '@playwright/test';
import { fillSections } from './application.ts';
import { expect, freshDemo, letter, lookWithoutScript as look, signInAs } from './support.ts';

const test = freshDemo();
// A trace needs script in the page, and would wait for it for ever.
test.use({ javaScriptEnabled: false, trace: 'off' });

const wrong = { name: 'letter.pdf', mimeType: 'application/pdf', buffer: Buffer.from('MZ\u0090 this is a program, not a letter') };

async function start(page: Page): Promise<void> {
  await signInAs(page, 'Keisha Moore');
  await page.goto('/apply');
  await page.getByRole('link', { name: /^Before you start/ }).click();
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(page.getByText('0 of 5 sections completed.')).toBeVisible();
}

test('an application goes the whole way without script', async ({ page }) => {
  test.setTimeout(10 * 60_000);
  let task = '';

  await test.step('what is wrong is said beside its field, and what was typed stays', async () => {
    await start(page);
    task = page.url();
    await look(page, 'plain-01-task-list');
    await page.getByRole('link', { name: 'Coaches you ask for' }).click();
    await page.getByLabel('How many coaches do you ask for?').fill('lots');
    await page.getByLabel('In which schools would each coach work?').fill('Cleveland Central High School');
    await page.getByLabel('From which month?').fill('soon');
    await page.getByRole('button', { name: 'Save and continue' }).click();
    const summary = page.locator('.al-error-summary');
    await expect(summary).toContainText('“lots” is not a whole number');
    await expect(summary).toContainText('“soon” is not a month and year');
    await expect(page.getByLabel('How many coaches do you ask for?')).toHaveValue('lots');
    await expect(page.getByLabel('In which schools would each coach work?')).toHaveValue('Cleveland Central High School');
    await expect(page.getByLabel('From which month?')).toHaveAttribute('aria-invalid', 'true');
    await summary.getByRole('link').first().click();
    await expect(page).toHaveURL(/#seats$/);
    await look(page, 'plain-02-errors');
  });

  await test.step('a page is saved as it is, and found again after coming back', async () => {
    await page.getByLabel('How many coaches do you ask for?').fill('3');
    await page.getByRole('button', { name: 'Save and come back later' }).click();
    await expect(page).toHaveURL(task);
    await expect(page.getByRole('listitem').filter({ hasText: 'Coaches you ask for' })).toContainText('In progress');
    await page.context().clearCookies();
    await page.goto(task);
    await expect(page).toHaveURL(/\/sign-in/);
    await signInAs(page, 'Keisha Moore');
    await page.goto(task);
    await page.getByRole('link', { name: 'Coaches you ask for' }).click();
    await expect(page.getByLabel('How many coaches do you ask for?')).toHaveValue('3');
    await expect(page.getByLabel('From which month?')).toHaveValue('soon');
  });

  await test.step('every section is filled', async () => {
    await page.goto(`${task}/sections/district`);
    await fillSections(page, async () => {});
    await page.goto(task);
    await expect(page.getByText('5 of 5 sections completed.')).toBeVisible();
    await look(page, 'plain-03-all-completed');
  });

  await test.step('a letter is taken, a file of another kind is refused', async () => {
    await page.getByRole('link', { name: 'Letters' }).click();
    await page.getByLabel('Files').setInputFiles(wrong);
    await page.getByRole('button', { name: 'Upload' }).click();
    await expect(page.locator('.al-error-summary')).toContainText('letter.pdf');
    await look(page, 'plain-04-wrong-file');
    await page.getByLabel('Files').setInputFiles([letter('mayor.pdf'), letter('employer.pdf')]);
    await page.getByRole('button', { name: 'Upload' }).click();
    await expect(page.getByRole('link', { name: 'mayor.pdf' })).toBeVisible();
    await page.getByRole('button', { name: 'Remove employer.pdf' }).click();
    await expect(page.getByRole('link', { name: 'employer.pdf' })).toHaveCount(0);
    const file = await page.request.get((await page.getByRole('link', { name: 'mayor.pdf' }).getAttribute('href')) ?? '');
    expect(file.status()).toBe(200);
    expect(file.headers()['content-disposition']).toContain('attachment');
    await look(page, 'plain-05-letters');
    await page.getByRole('link', { name: 'Continue: check your answers' }).click();
    await page.getByRole('button', { name: 'Ask your certifier to sign' }).click();
    await expect(page).toHaveURL(/asked/);
  });

  let number = '';
  await test.step('the certifier signs, and the receipt is there', async () => {
    await signInAs(page, 'Walter Dunn');
    await page.goto(`${task}/check`);
    await page.getByRole('button', { name: 'Sign and submit' }).click();
    await expect(page.locator('.al-error-summary')).toBeVisible();
    await page.getByRole('checkbox').press('Space');
    await page.getByLabel('Your full name').fill('Walter Dunn');
    await look(page, 'plain-06-to-sign');
    await page.getByRole('button', { name: 'Sign and submit' }).click();
    await expect(page).toHaveURL(/\/receipt$/);
    number = (await page.locator('.al-receipt').innerText()).match(/A-\d{4}-\d{4}/)?.[0] ?? 'none';
    await look(page, 'plain-07-receipt');
  });

  await test.step('it is withdrawn, changed and submitted again under the same number', async () => {
    await page.getByRole('link', { name: /^withdraw it/ }).click();
    await look(page, 'plain-08-withdraw');
    await page.getByLabel('Why do you withdraw it?').fill('We forgot a school.');
    await page.getByRole('button', { name: 'Withdraw the application' }).click();
    await expect(page.getByRole('heading', { name: 'Withdrawn' })).toBeVisible();
    await look(page, 'plain-09-withdrawn');
    await page.getByRole('link', { name: 'Coaches you ask for' }).click();
    await page.getByLabel('In which schools would each coach work?').fill('Cleveland Central High School\nand the career center');
    await page.getByRole('button', { name: 'Save and come back later' }).click();
    await page.getByRole('link', { name: 'Check your answers and submit' }).click();
    await expect(page.getByText('and the career center')).toBeVisible();
    await page.getByRole('checkbox').press('Space');
    await page.getByLabel('Your full name').fill('Walter Dunn');
    await page.getByRole('button', { name: 'Sign and submit' }).click();
    await expect(page.locator('.al-receipt')).toContainText(number);
  });

  await test.step('after the close nothing is changed any more, and the page says so kindly', async () => {
    await page.goto('/demo');
    await page.getByRole('button', { name: 'Just after the deadline' }).click();
    await signInAs(page, 'Walter Dunn');
    await page.goto(`${task}/withdraw`);
    await expect(page.getByText('can’t be withdrawn here any more')).toBeVisible();
    await look(page, 'plain-10-too-late');
  });
});

test('a draft that is not in by the deadline’s second is kept, and not taken', async ({ page }) => {
  await page.goto('/demo');
  await page.getByRole('button', { name: 'Back to the real time' }).click();
  await signInAs(page, 'Renee Fontaine');
  await page.goto('/apply');
  await page.getByRole('link', { name: /^Before you start/ }).click();
  await page.getByRole('button', { name: 'Start' }).click();
  const task = page.url();
  await page.getByRole('link', { name: 'Community support' }).click();
  await page.getByLabel('Who supports this application, and what will they do?').fill('The bank gives a room.');
  const moved = await page.request.post('/demo/clock', { form: { to: 'after' }, headers: { 'sec-fetch-site': 'same-origin' } });
  expect(moved.ok()).toBe(true);
  await page.getByRole('button', { name: 'Save and continue' }).click();
  await expect(page.getByText('This was not saved.')).toBeVisible();
  await expect(page.getByLabel('Who supports this application, and what will they do?')).toHaveValue('The bank gives a room.');
  await look(page, 'plain-11-saved-too-late');
  await page.goto(task);
  await expect(page.getByText('The round closed on')).toBeVisible();
  await look(page, 'plain-12-draft-kept');
});
