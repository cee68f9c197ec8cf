// What is measured in a browser, by `cargo xtask bench --frame` alone: the journeys are of playwright.config.ts.
import journeys from './playwright.config';
import { defineConfig } from '@playwright/test';

export default defineConfig({
  ...journeys,
  testMatch: '*.measure.ts',
  timeout: 300_000,
  // The first page of so large a round waits for what takes long.
  use: { ...journeys.use, navigationTimeout: 120_000 },
  projects: [{ name: 'desktop', use: { viewport: { width: 1280, height: 900 } } }],
});
