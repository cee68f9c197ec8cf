// What every journey needs: a demo of its own, signing in as somebody, checking a page, keeping pictures.
import { AxeBuilder } from '@axe-core/playwright';
import { test as base, expect, type BrowserContext, type Page } from '@playwright/test';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startDemo, type Server } from './server.ts';

export { expect };

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const screens = join(import.meta.dirname, 'output', 'screens');
const desk = { width: 1280, height: 900 };
const phone = { width: 390, height: 844 };

/**
 * Tests that fail when a page logs an error, throws, or breaks its own content security policy. A refused form is told by the browser's
 * console as a resource that failed to load; that one is what the test itself asked for.
 */
export const test = base.extend<{ quiet: void }>({
  quiet: [async ({ context }, use) => {
    const told = listen(context);
    await use();
    expect(told, 'what the pages told the console').toEqual([]);
  }, { auto: true }],
});

/** Collects the errors of every page of a context, for contexts that a test opens by itself. */
export function listen(context: BrowserContext): string[] {
  const told: string[] = [];
  context.on('weberror', (error) => told.push(error.error().message));
  context.on('console', (message) => {
    const refused = message.text().startsWith('Failed to load resource: the server responded with a status of 4');
    // A sign-in provider's own page asks for fonts from elsewhere; ours could not, by their policy, and would be told otherwise.
    const elsewhere = message.text() === 'Failed to load resource: net::ERR_NAME_NOT_RESOLVED';
    if (message.type() === 'error' && !refused && !elsewhere) told.push(`${message.page()?.url()}: ${message.text()}`);
  });
  return told;
}

/** As `test`, on a demo that starts fresh for this file and is nobody else's: journeys that write begin from the same state each time. */
export function freshDemo() {
  return test.extend<object, { demo: Server }>({
    demo: [async ({}, use) => {
      const demo = await startDemo();
      await use(demo);
      await demo.stop();
    }, { scope: 'worker', timeout: 90_000 }],
    baseURL: async ({ demo }, use) => use(demo.url),
  });
}

/** What a journey does with the pages that it comes to. */
export type Look = (page: Page, name: string) => Promise<void>;

/**
 * Journeys as browsers do them, and once more without any script, where everything is links and forms: each time on a demo of their own. The
 * server makes the same pages both times, so how they look is checked the first time only.
 */
export function bothWays(journeys: (test: ReturnType<typeof freshDemo>, look: Look) => void): void {
  const scripted = freshDemo();
  scripted.describe('with script', () => journeys(scripted, look));
  const plain = freshDemo();
  plain.describe('without script', () => {
    plain.use({ javaScriptEnabled: false });
    journeys(plain, (page) => expect(page.locator('h1')).toHaveCount(1));
  });
}

/** Fails when axe-core finds a violation of WCAG 2.2 AA on the page as it is now, or when the page scrolls sideways. */
export async function axe(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(rules).analyze();
  const found = violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map((node) => node.target.join(' ')) }));
  expect.soft(found, `accessibility of ${page.url()}`).toEqual([]);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect.soft(overflow, `pixels that ${page.url()} scrolls sideways`).toBeLessThanOrEqual(0);
}

/** Keeps the whole page as a picture, at the width of a desk and of a phone. */
export async function shot(page: Page, name: string): Promise<void> {
  await atBothWidths(page, (width) => keep(page, `${name}-${width}`));
}

/** Checks and keeps a page that a journey came to, at the width of a desk and of a phone. `JOURNEYS=quick` leaves that out. */
export async function look(page: Page, name: string): Promise<void> {
  await expect(page.locator('h1')).toHaveCount(1);
  if (process.env.JOURNEYS === 'quick') return;
  await atBothWidths(page, async (width) => {
    await axe(page);
    if (width === phone.width) await longListsAreLines(page, name);
    await keep(page, `${name}-${width}`);
  });
}

/** As `look`, for a page whose own context runs no script: what it shows is laid before the checks in a context that does. */
export async function lookWithoutScript(page: Page, name: string): Promise<void> {
  const context = await page.context().browser()!.newContext({ viewport: page.viewportSize(), javaScriptEnabled: true });
  try {
    const copy = await context.newPage();
    const body = await page.content();
    await copy.route(page.url().split('#')[0], (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body }));
    await copy.goto(page.url());
    await look(copy, name);
  } finally {
    await context.close();
  }
}

async function atBothWidths(page: Page, act: (width: number) => Promise<void>): Promise<void> {
  const before = page.viewportSize();
  for (const size of [desk, phone]) {
    await page.setViewportSize(size);
    await act(size.width);
  }
  if (before) await page.setViewportSize(before);
}

/** On a phone a row of a long list is a few lines of cells; each below the other it would be several screens for ten applicants. */
async function longListsAreLines(page: Page, name: string): Promise<void> {
  const stacked = await page.$$eval('.al-rows-table tbody tr:not(.al-line-row)', (rows) =>
    (rows as HTMLTableRowElement[]).filter((row) => {
      const cells = [...row.cells].reduce((sum, cell) => sum + cell.offsetHeight, 0);
      return row.offsetHeight >= cells;
    }).length,
  );
  expect(stacked, `rows of ${name} whose cells stand one below the other`).toBe(0);
}

async function keep(page: Page, name: string): Promise<void> {
  await mkdir(screens, { recursive: true });
  await page.screenshot({ path: join(screens, `${name}.png`), fullPage: true, animations: 'disabled' });
}

/** Signs in as one of the demo's people, by the button that names them. Works without JavaScript. */
export async function signInAs(page: Page, person: string): Promise<void> {
  await page.goto('/demo');
  await page.getByRole('button', { name: `Sign in as ${person},` }).first().click();
  await expect(page.locator('.al-header__account')).toHaveText(person);
}

/** A letter as an office would scan it: the smallest PDF that says something. */
export function letter(name: string) {
  const body = [
    '%PDF-1.4',
    '1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj',
    '2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj',
    '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>endobj',
    'trailer<</Root 1 0 R>>',
    '%%EOF',
  ];
  return { name, mimeType: 'application/pdf', buffer: Buffer.from(body.join('\n')) };
}

/** As the manager, dismisses every contested figure of the open round, from its list of applications: the ranking waits for the rulings. */
export async function ruleOnContests(page: Page): Promise<void> {
  const list = page.url();
  await page.getByRole('link', { name: 'Contested figures' }).click();
  const waiting = page.getByRole('link', { name: /^Rule on it/ });
  while (await waiting.count()) {
    await waiting.first().click();
    await page.getByRole('group', { name: 'Your ruling' }).getByText('Dismissed').click();
    await page.getByLabel('Reason').fill('The call counts the figures published before it closed.');
    await page.getByRole('button', { name: 'Rule', exact: true }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Contested figures');
  }
  await page.goto(list);
}
