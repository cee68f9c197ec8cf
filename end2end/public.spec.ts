// What anybody can see without an account: every public page, at both widths.
import { expect, look, test } from './support.ts';

const program = '/programs/career-coaches';
const finished = `${program}/2023-24`;
const pages: [string, string][] = [
  ['home', '/'],
  ['program', program],
  ['round-open', `${program}/2024-25`],
  ['round-finished', finished],
  ['results', `${finished}/results`],
  ['money-appropriated', `${finished}/money/appropriated`],
  ['money-awarded', `${finished}/money/awarded`],
  ['money-drawn', `${finished}/money/drawn`],
  ['money-reported', `${finished}/money/reported`],
  ['money-left', `${finished}/money/left`],
  ['open', '/open'],
  ['help', '/help'],
  ['accessibility', '/accessibility'],
  ['sign-in', '/sign-in'],
  ['sign-in-code', '/sign-in/code'],
  ['demo-desk', '/demo'],
  ['demo-mail', '/demo/mail'],
];

for (const [name, address] of pages) {
  test(`${name} is whole and accessible at both widths`, async ({ page }) => {
    const response = await page.goto(address);
    expect(response?.status()).toBeLessThan(400);
    await look(page, `public-${name}`);
  });
}

test('the workings of a funded and of an unfunded applicant are public', async ({ page }) => {
  for (const [outcome, name] of [['Funded', 'funded'], ['Not funded', 'unfunded']]) {
    await page.goto(`${finished}/results`);
    const row = page.locator('#ranked, main').getByRole('row').filter({ has: page.getByText(outcome, { exact: true }) }).first();
    await row.getByRole('link').first().click();
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByText(outcome, { exact: true }).first()).toBeVisible();
    await look(page, `public-working-${name}`);
  }
});

test('every figure of the money line opens rows that sum to it', async ({ page }) => {
  await page.goto(`${finished}/results`);
  const figures = page.locator('.al-money-line a');
  const count = await figures.count();
  expect(count).toBeGreaterThanOrEqual(5);
  for (let index = 0; index < count; index += 1) {
    await page.goto(`${finished}/results`);
    const figure = figures.nth(index);
    const shown = (await figure.innerText()).match(/\$[\d,]+\.\d\d/)?.[0] ?? (await figure.innerText());
    await figure.click();
    await expect(page.getByRole('heading', { level: 1 })).toContainText(shown);
    // A column of money keeps its cents.
    await expect(page.locator('tfoot td')).toHaveText(shown.includes('.') ? shown : `${shown}.00`);
  }
});

test('the public files are there', async ({ request }) => {
  for (const name of ['file', 'file.json', 'ranking.json', 'allocation.json', 'awards.csv']) {
    const response = await request.get(`${finished}/${name}`);
    expect(response.status(), name).toBe(200);
    expect((await response.body()).length, name).toBeGreaterThan(200);
  }
});

test('a sign-in link that is over says so', async ({ page }) => {
  const response = await page.goto('/sign-in/link?id=0&key=0');
  expect(response?.status()).toBe(410);
  await look(page, 'public-sign-in-link');
});
