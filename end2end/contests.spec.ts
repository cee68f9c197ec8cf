// A figure that an applicant says is wrong: contested with a file, ruled on by the manager, and what the applicant then sees.
import { bothWays, expect, letter, signInAs } from './support.ts';

bothWays((test, look) => {
  test('a district contests a figure with a file, and the manager upholds it', async ({ page }) => {
    test.setTimeout(5 * 60_000);
    await signInAs(page, 'Keisha Moore');
    await page.goto('/apply');
    await page.getByRole('link', { name: /^Before you start/ }).click();
    await page.getByRole('button', { name: 'Start' }).click();

    await test.step('the figures say where they come from', async () => {
      await page.getByRole('link', { name: 'figures about you' }).click();
      await expect(page.getByRole('row').filter({ hasText: 'Children aged 5–17 in poverty' })).toContainText('Small Area Income and Poverty Estimates');
      await look(page, 'contest-01-figures');
    });

    await test.step('what is wrong is said beside its field, and what was typed stays', async () => {
      await page.getByRole('link', { name: 'This is wrong: Children aged 5–17 in poverty' }).click();
      await page.getByLabel('What should it be, in percent?').fill('140');
      await page.getByLabel('Why is the figure on record wrong?').fill('The estimate is old; the mill has closed since.');
      await page.getByRole('button', { name: 'Contest this figure' }).click();
      const summary = page.locator('.al-error-summary');
      await expect(summary).toContainText('at most 100 for a percentage');
      await expect(summary).toContainText('Say where the figure can be checked');
      await expect(page.getByLabel('Why is the figure on record wrong?')).toHaveValue('The estimate is old; the mill has closed since.');
      await look(page, 'contest-02-errors');
    });

    await test.step('it waits for its ruling', async () => {
      await page.getByLabel('What should it be, in percent?').fill('44.5%');
      await page.getByLabel('Where can your figure be checked?').fill('Free lunch count, March 2024');
      await page.getByLabel('A file that shows it').setInputFiles(letter('count.pdf'));
      await page.getByRole('button', { name: 'Contest this figure' }).click();
      await expect(page.getByRole('row').filter({ hasText: 'Children aged 5–17 in poverty' })).toContainText('Contested');
      await look(page, 'contest-03-waiting');
    });

    await test.step('the manager rules', async () => {
      await signInAs(page, 'Dana Whitfield');
      await page.goto('/review');
      await page.getByRole('link', { name: /School year 2024-25/ }).first().click();
      await page.getByRole('link', { name: 'Contested figures' }).click();
      await look(page, 'contest-04-list');
      await page.getByRole('link', { name: 'Rule on it: Children aged 5–17 in poverty, Cleveland School District' }).click();
      await page.getByRole('group', { name: 'Your ruling' }).getByText('Upheld').click();
      await page.getByLabel('Reason').fill('The count is later than the estimate.');
      await look(page, 'contest-05-rule');
      await page.getByRole('button', { name: 'Rule', exact: true }).click();
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Contested figures');
    });

    await test.step('the applicant sees the figure that counts now, and why', async () => {
      await signInAs(page, 'Keisha Moore');
      await page.goto('/apply');
      await page.getByRole('link', { name: /^Go on/ }).click();
      await page.getByRole('link', { name: 'figures about you' }).click();
      const row = page.getByRole('row').filter({ hasText: 'Children aged 5–17 in poverty' });
      await expect(row).toContainText('44.5%');
      await expect(row).toContainText('Free lunch count, March 2024');
      await expect(page.getByText('The count is later than the estimate.')).toBeVisible();
      await look(page, 'contest-06-upheld');
    });
  });
});
