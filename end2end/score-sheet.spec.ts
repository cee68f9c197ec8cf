// A reviewer's scores on a spreadsheet: out by a link, back by a plain form, and what is no sheet told on the page.
import { readFile } from 'node:fs/promises';
import { bothWays, expect, signInAs } from './support.ts';
import { rewrite } from './workbook.ts';

bothWays((test, look) => {
  test('a sheet comes back as it left, as something else, and with one score changed', async ({ page }, info) => {
    await signInAs(page, 'Noah Lindqvist');
    await page.goto('/review/desk');
    await page.getByRole('link', { name: /^Score on a spreadsheet/ }).click();
    await expect(page.getByRole('heading', { name: 'Scores on a spreadsheet', level: 1 })).toBeVisible();
    await look(page, 'score-sheet-01-page');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export the sheet (.xlsx)' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^scores-.*\.xlsx$/);
    const file = info.outputPath('scores.xlsx');
    await download.saveAs(file);
    await page.setInputFiles('#sheet', file);
    await page.getByRole('button', { name: 'See what would change' }).click();
    await expect(page.getByRole('heading', { name: 'Nothing differs', level: 1 })).toBeVisible();
    await page.getByRole('link', { name: 'Leave it, and save nothing' }).click();
    await page.setInputFiles('#sheet', { name: 'notes.xlsx', mimeType: 'text/plain', buffer: Buffer.from('no sheet') });
    await page.getByRole('button', { name: 'See what would change' }).click();
    await expect(page.getByRole('alert')).toContainText('This is no Excel workbook.');
    await look(page, 'score-sheet-02-refused');

    // The first level that can be written: of a review that the chair asks to look at again.
    const other = (_: string, cell: string, points: string) => cell + (points === '40' ? '70' : '40');
    const changed = rewrite(await readFile(file), 'xl/worksheets/sheet1.xml', (xml) => xml.replace(/( s="3"><v>)(\d+)/, other));
    await page.setInputFiles('#sheet', { name: 'scores.xlsx', mimeType: 'application/octet-stream', buffer: changed });
    await page.getByRole('button', { name: 'See what would change' }).click();
    await expect(page.getByRole('heading', { name: 'What would change', level: 1 })).toBeVisible();
    await look(page, 'score-sheet-03-what-would-change');
    await page.getByRole('button', { name: 'Apply the change' }).click();
    await expect(page.getByText('1 score is saved.')).toBeVisible();
  });
});
