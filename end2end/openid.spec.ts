// Sign-in through OpenID Connect, on the real `serve`: with a real provider, and with one that lies.
import { execFile } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type Server as HttpServer } from 'node:http';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { OAuth2Server } from 'oauth2-mock-server';
import Provider from 'oidc-provider';
import { expect, look, test } from './support.ts';
import { binary, freePort, startPortal, type Server } from './server.ts';

const run = promisify(execFile);
const agency = 'Office of Trials';
const manager = 'pat.lee@agency.example.gov';

let portal: Server;
let honest: HttpServer;
let liar: OAuth2Server;

/** The settings file of a portal with these providers. */
function settings(data: string, url: string, providers: Record<string, string>): string {
  const each = Object.entries(providers).map(([key, issuer]) => `
[[providers]]
key = "${key}"
label = "${key}"
issuer = "${issuer}"
client_id = "allotment"
client_secret = "a-secret-of-the-tests-only"
`);
  return `data = "${data}"\naddress = "${new URL(url).host}"\nbase_url = "${url}"\n${each.join('')}`;
}

/** A provider with one client, whose every account is the address that was typed, verified unless the address says otherwise. */
async function startHonest(issuer: string, callback: string): Promise<HttpServer> {
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'allotment', client_secret: 'a-secret-of-the-tests-only', redirect_uris: [callback] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    conformIdTokenClaims: false,
    cookies: { keys: ['only-for-tests'] },
    features: { devInteractions: { enabled: true } },
    async findAccount(_context: unknown, id: string) {
      return {
        accountId: id,
        claims: async () => ({ sub: id, email: id, email_verified: !id.startsWith('unverified'), name: 'Pat Lee' }),
      };
    },
  });
  const server = createServer(provider.callback());
  await new Promise<void>((ready) => server.listen(Number(new URL(issuer).port), '127.0.0.1', ready));
  return server;
}

test.beforeAll(async () => {
  test.setTimeout(90_000);
  const [at, provider] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${at}`;
  const issuer = `http://127.0.0.1:${provider}`;
  honest = await startHonest(issuer, `${url}/sign-in/oidc/callback`);
  liar = new OAuth2Server();
  await liar.issuer.keys.generate('RS256');
  await liar.start(await freePort(), '127.0.0.1');
  liar.issuer.url = `http://127.0.0.1:${liar.address().port}`;
  const data = await mkdtemp(join(tmpdir(), 'allotment-openid-'));
  const config = join(data, 'allotment.toml');
  await writeFile(config, settings(data, url, { state: issuer, liar: liar.issuer.url }));
  await run(binary, ['first-manager', '--config', config, '--agency', agency, '--email', manager, '--name', 'Pat Lee']);
  portal = await startPortal(config, url, data);
});

test.afterAll(async () => {
  await portal?.stop();
  honest?.closeAllConnections();
  honest?.close();
  await liar?.stop();
});

test('the invited manager signs in through a real provider and works', async ({ page }) => {
  await page.goto(`${portal.url}/sign-in`);
  await look(page, 'openid-01-sign-in');
  await page.getByRole('link', { name: 'Sign in with state' }).click();
  await page.locator('input[name=login]').fill(manager);
  await page.locator('input[name=password]').fill('anything');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page).toHaveURL(`${portal.url}/home`);
  await expect(page.getByText(agency).first()).toBeVisible();
  await look(page, 'openid-02-home');
  await page.goto(`${portal.url}/people`);
  await look(page, 'openid-03-people');
  await page.goto(`${portal.url}/manage`);
  await look(page, 'openid-04-nothing-set-up');
  await page.goto(`${portal.url}/account`);
  await look(page, 'openid-05-account');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.goto(`${portal.url}/home`);
  await expect(page).toHaveURL(/\/sign-in/);
  for (const address of ['/demo', '/demo/mail']) {
    expect((await page.goto(portal.url + address))?.status(), address).toBe(404);
  }
});

test('an address that the provider has not verified does not sign in', async ({ page }) => {
  await page.goto(`${portal.url}/sign-in`);
  await page.getByRole('link', { name: 'Sign in with state' }).click();
  await page.locator('input[name=login]').fill('unverified@agency.example.gov');
  await page.locator('input[name=password]').fill('anything');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await look(page, 'openid-06-not-verified');
  await page.goto(`${portal.url}/home`);
  await expect(page).toHaveURL(/\/sign-in/);
});

const lies: [string, (token: { header: Record<string, unknown>; payload: Record<string, unknown> }) => void][] = [
  ['audience', (token) => { token.payload.aud = 'another-client'; }],
  ['issuer', (token) => { token.payload.iss = 'https://elsewhere.example.org'; }],
  ['nonce', (token) => { token.payload.nonce = 'replayed'; }],
  ['age', (token) => { token.payload.exp = 1_000_000; }],
];

for (const [name, tell] of lies) {
  test(`a token refused for its ${name} opens nothing`, async ({ page }) => {
    const lie = (token: { header: Record<string, unknown>; payload: Record<string, unknown> }) => {
      Object.assign(token.payload, { email: manager, email_verified: true, sub: 'pat' });
      tell(token);
    };
    liar.service.on('beforeTokenSigning', lie);
    try {
      await refused(page, `openid-07-${name}`);
    } finally {
      liar.service.off('beforeTokenSigning', lie);
    }
  });
}

test('a token that nobody signed opens nothing', async ({ page }) => {
  const strip = (response: { body: Record<string, unknown> }) => {
    const [, payload] = String(response.body.id_token).split('.');
    response.body.id_token = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`;
  };
  liar.service.on('beforeResponse', strip);
  try {
    await refused(page, 'openid-07-not-signed');
  } finally {
    liar.service.off('beforeResponse', strip);
  }
});

/** A part of a token. */
function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

for (const [name, kid] of [['unknown-key', () => 'nobody-publishes-this'], ['wrong-key', (own: unknown) => own]] as const) {
  test(`a token signed well by somebody else opens nothing: ${name}`, async ({ page }) => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const forge = (response: { body: Record<string, unknown> }) => {
      const [header, claims] = String(response.body.id_token).split('.').slice(0, 2)
        .map((text) => JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown>);
      Object.assign(claims, { email: manager, email_verified: true, sub: 'pat' });
      const signed = `${part({ ...header, kid: kid(header.kid) })}.${part(claims)}`;
      response.body.id_token = `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
    };
    liar.service.on('beforeResponse', forge);
    try {
      await refused(page, `openid-07-${name}`);
    } finally {
      liar.service.off('beforeResponse', forge);
    }
  });
}

test('the same provider is believed when it tells the truth, so each lie was refused for itself', async ({ page }) => {
  const truth = (token: { payload: Record<string, unknown> }) => {
    Object.assign(token.payload, { email: manager, email_verified: true, sub: 'pat' });
  };
  liar.service.on('beforeTokenSigning', truth);
  try {
    await page.goto(`${portal.url}/sign-in`);
    await page.getByRole('link', { name: 'Sign in with liar' }).click();
    await expect(page).toHaveURL(`${portal.url}/home`);
    await expect(page.locator('.al-header__account')).toHaveText('Pat Lee');
  } finally {
    liar.service.off('beforeTokenSigning', truth);
  }
});

test('an answer that was taken once is worth nothing the second time', async ({ page }) => {
  const truth = (token: { payload: Record<string, unknown> }) => {
    Object.assign(token.payload, { email: manager, email_verified: true, sub: 'pat' });
  };
  liar.service.on('beforeTokenSigning', truth);
  try {
    await page.goto(`${portal.url}/sign-in`);
    const answer = page.waitForRequest(/\/sign-in\/oidc\/callback\?/);
    await page.getByRole('link', { name: 'Sign in with liar' }).click();
    const address = (await answer).url();
    await expect(page).toHaveURL(`${portal.url}/home`);
    await page.goto(`${portal.url}/account`);
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    expect((await page.goto(address))?.status()).toBe(400);
    await expect(page.locator('.al-header__account')).toHaveText('Sign in');
    await look(page, 'openid-08-replayed-state');
    await page.goto(`${portal.url}/home`);
    await expect(page).toHaveURL(/\/sign-in/);
  } finally {
    liar.service.off('beforeTokenSigning', truth);
  }
});

/** Signs in through the provider that lies; the page says so kindly, and no session begins. */
async function refused(page: Page, picture: string): Promise<void> {
  await page.goto(`${portal.url}/sign-in`);
  await page.getByRole('link', { name: 'Sign in with liar' }).click();
  await expect(page).toHaveURL(new RegExp(`^${portal.url}`));
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.locator('.al-header__account')).toHaveText('Sign in');
  await look(page, picture);
  await page.goto(`${portal.url}/home`);
  await expect(page).toHaveURL(/\/sign-in/);
}
