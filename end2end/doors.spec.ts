// Who does not belong is told so kindly; the keyboard reaches everything; nothing is heavier than it need be.
import type { Page } from '@playwright/test';
import { expect, freshDemo, look, signInAs } from './support.ts';

const test = freshDemo();

async function startAs(page: Page, person: string): Promise<string> {
  await signInAs(page, person);
  await page.goto('/apply');
  const begin = page.getByRole('link', { name: /^Before you start/ });
  if (await begin.count()) {
    await begin.click();
    await page.getByRole('button', { name: 'Start' }).click();
    await expect(page.getByRole('heading', { name: 'Your application' })).toBeVisible();
    return page.url();
  }
  await page.getByRole('link', { name: /^Go on/ }).first().click();
  return page.url();
}

test('a door that is not yours, or not there, says so on a page of its own', async ({ page }) => {
  test.setTimeout(4 * 60_000);
  const own = await startAs(page, 'Josie Bell');
  for (const [address, statuses] of [['/manage', [403, 404]], ['/audit', [403, 404]], ['/people', [403, 404]]] as const) {
    const response = await page.goto(address);
    expect(statuses, address).toContain(response?.status());
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  }
  await look(page, 'doors-01-not-yours');

  await signInAs(page, 'Keisha Moore');
  for (const address of [own, `${own}/sections/need`, `${own}/check`, `${own}/receipt`]) {
    expect((await page.goto(address))?.status(), address).toBe(404);
  }
  await look(page, 'doors-02-another-organization');

  for (const address of ['/apply/none', '/apply/018f012c-0000-7000-8000-000000000000', '/programs/none', '/programs/career-coaches/1999', '/no/such/page', '/files/none']) {
    expect((await page.goto(address))?.status(), address).toBe(404);
    await expect(page.getByRole('link', { name: 'Programs' }).first()).toBeVisible();
  }
  await look(page, 'doors-03-not-there');
});

test('sign-in and a section work by keyboard alone, with the focus in sight', async ({ page }) => {
  await page.goto('/sign-in');
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to the page' });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press('Enter');
  await expect(page.locator('#main')).toBeFocused();
  const field = page.getByLabel('Email address');
  for (let press = 0; press < 6 && !(await field.evaluate((element) => element === document.activeElement)); press += 1) await page.keyboard.press('Tab');
  await expect(field).toBeFocused();
  expect(await field.evaluate((element) => getComputedStyle(element).outlineStyle)).not.toBe('none');
  await page.keyboard.type('nobody@example.org');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Enter your code');

  const task = await startAs(page, 'Josie Bell');
  await page.goto(`${task}/sections/coaches`);
  await page.getByLabel('How many coaches do you ask for?').focus();
  await page.keyboard.type('many');
  await page.keyboard.press('Tab');
  await expect(page.getByLabel('In which schools would each coach work?')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByLabel('From which month?')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Save and continue' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('.al-error-summary')).toBeFocused();
});

test('pages reflow at 320 pixels and keep their edges in forced colors', async ({ page }) => {
  const task = await startAs(page, 'Josie Bell');
  await page.setViewportSize({ width: 320, height: 640 });
  for (const address of ['/', '/programs/career-coaches/2024-25', '/programs/career-coaches/2023-24/results', '/sign-in', '/home', '/apply', task, `${task}/sections/district`, `${task}/letters`, `${task}/check`]) {
    await page.goto(address);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect.soft(overflow, `pixels that ${address} scrolls sideways at 320`).toBeLessThanOrEqual(0);
  }
  await page.emulateMedia({ forcedColors: 'active' });
  await page.goto(`${task}/sections/coaches`);
  await look(page, 'doors-04-forced-colors');
});

test('the apply page is light, and stays light when its island wakes', async ({ page, browser, baseURL }) => {
  const task = await startAs(page, 'Josie Bell');
  const context = await browser.newContext({ baseURL, storageState: await page.context().storageState() });
  const cold = await context.newPage();
  const session = await context.newCDPSession(cold);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  const sizes: number[] = [];
  session.on('Network.loadingFinished', (event) => sizes.push(event.encodedDataLength));
  const sum = () => sizes.reduce((total, size) => total + size, 0);
  await cold.goto(`${task}/sections/need`, { waitUntil: 'networkidle' });
  const [bytes, requests] = [sum(), sizes.length];
  await cold.getByLabel('Why does your district need career coaches?').click();
  await expect(cold.locator('html')).toHaveAttribute('data-awake', 'yes');
  await expect.poll(() => sizes.length).toBeGreaterThan(requests);
  console.log(`apply section: ${bytes} bytes in ${requests} requests; with its island ${sum()} bytes in ${sizes.length} requests`);
  expect(bytes).toBeLessThanOrEqual(45_000);
  expect(requests).toBeLessThanOrEqual(6);
  expect(sum()).toBeLessThanOrEqual(150_000);
  await context.close();
});
