import { readFileSync } from 'node:fs';
import * as ridgeline from 'ridgeline';
import { expect, test } from 'vitest';
import { waitingFiles, waitingTests } from './waiting.ts';

const exported = new Set(Object.keys(ridgeline));
const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

test.each(waitingFiles)('$name imports what is not there yet: $imports', ({ name, imports }) => {
  const missing = imports.filter((export_) => !exported.has(export_));
  expect(missing, `${name} waits for nothing: take it off waiting.ts and tsconfig.json`).not.toEqual([]);
  expect(read('../../tsconfig.json')).toContain(`"__test__/contract/${name}"`);
});

test.each(waitingTests)('a test that waits is one of its file: $name', ({ file, name }) => {
  expect(read(file)).toContain(`test('${name}'`);
});
