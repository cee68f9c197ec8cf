// An application as a preparer types it, section by section. Works with script and without.
import { expect, type Page } from '@playwright/test';

/** What is typed into each section, in the form's order: a field's label to its text. */
const sections: { title: string; choose?: [string, string][]; select?: [string, string]; type: [string, string][] }[] = [
  {
    title: 'Your district',
    choose: [['Are the facts above right?', 'Yes, as far as we know']],
    type: [
      ['Whom may we ask about this application?', 'Josie Bell, director of counseling'],
      ['Their telephone number', '601-555-0123'],
    ],
  },
  {
    title: 'Why you need coaches',
    type: [
      ['Why does your district need career coaches?', 'One counselor serves 460 students. Nobody has the time to talk with each about work.'],
      ['Which high schools would be served?', 'Natchez High School\nNatchez Early College Academy'],
      ['About how many students would be served in a year?', '1,250'],
    ],
  },
  {
    title: 'Coaches you ask for',
    type: [
      ['How many coaches do you ask for?', '2'],
      ['In which schools would each coach work?', 'Natchez High School\nShared: Natchez Early College Academy'],
      ['From which month?', 'August 2024'],
    ],
  },
  {
    title: 'Community support',
    type: [
      ['Who supports this application, and what will they do?', 'The chamber offers forty work visits a year; the hospital takes six trainees.'],
      ['Employers who will work with the coaches', 'Merit Health Natchez'],
    ],
  },
  {
    title: 'College partner',
    choose: [['Is there a signed agreement?', 'Yes']],
    select: ['Your community college', 'Copiah-Lincoln Community College'],
    type: [['What joins the district and the college today?', 'Dual credit in welding and nursing since 2016.']],
  },
];

/** Fills and saves every section in turn; `seen` is called with each page before and after it is filled. */
export async function fillSections(page: Page, seen: (name: string) => Promise<void>): Promise<void> {
  for (const [index, section] of sections.entries()) {
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(section.title);
    for (const [legend, answer] of section.choose ?? []) {
      // The label is what a finger hits; the radio itself may lie behind its picture.
      await page.getByRole('group', { name: legend }).getByText(answer, { exact: true }).click();
    }
    if (section.select) await choose(page, ...section.select);
    for (const [label, text] of section.type) await page.getByLabel(label).fill(text);
    await seen(`section-${index + 1}`);
    await page.getByRole('button', { name: 'Save and continue' }).click();
  }
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Letters');
}

async function choose(page: Page, label: string, wanted: string): Promise<void> {
  await page.getByLabel(label).selectOption({ label: wanted });
}
