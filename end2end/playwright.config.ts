// The journeys run in one browser. Each looks at its pages at the width of a desk and of a phone; applying without script is done on a
// phone. `cargo xtask test` starts the demo server and names it in BASE_URL; by hand: `cargo xtask demo` in one terminal, `npx playwright
// test` in another.
import { defineConfig } from '@playwright/test';

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: 'output/results',
  // One demo server holds one set of data: journeys that write take turns.
  workers: 1,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: {
    baseURL: process.env.BASE_URL ?? 'http://127.0.0.1:3000',
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    locale: 'en-US',
    timezoneId: 'America/Chicago',
    screenshot: 'only-on-failure',
    // A trace of these long pages costs more than the journey: ask for one with `--trace retain-on-failure`.
    trace: 'off',
    launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args },
  },
  projects: [
    { name: 'desktop', testIgnore: 'apply-without-script.spec.ts', use: { viewport: { width: 1280, height: 900 } } },
    { name: 'phone', testMatch: 'apply-without-script.spec.ts', use: { viewport: { width: 390, height: 844 }, hasTouch: true } },
  ],
});
