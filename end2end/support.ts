// What every journey needs: signing in as somebody, checking accessibility, keeping pictures.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const screens = join(import.meta.dirname, 'output', 'screens');

/** Fails when axe-core finds a violation of WCAG 2.2 AA on the page as it is now, or when the page scrolls sideways. */
export async function axe(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(rules).analyze();
  const found = violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map((node) => node.target.join(' ')) }));
  expect(found, `accessibility of ${page.url()}`).toEqual([]);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(overflow, `pixels that ${page.url()} scrolls sideways`).toBeLessThanOrEqual(0);
}

/** Keeps the whole page as a picture, at the width of a desk and of a phone. */
export async function shot(page: Page, name: string): Promise<void> {
  await mkdir(screens, { recursive: true });
  const before = page.viewportSize();
  for (const [width, height] of [[1280, 900], [390, 844]]) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: join(screens, `${name}-${width}.png`), fullPage: true, animations: 'disabled' });
  }
  if (before) await page.setViewportSize(before);
}

/** Signs in as one of the demo's people, by the button that names them. Works without JavaScript. */
export async function signInAs(page: Page, person: string): Promise<void> {
  await page.goto('/demo/sign-in');
  await page.getByRole('button', { name: person }).first().click();
  await expect(page).not.toHaveURL(/\/demo\/sign-in/);
}
