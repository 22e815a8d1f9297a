import { expect, test } from 'vitest';
import { wrongWithPassword } from '#ui/claim/person.ts';
import { nameIn } from '#ui/names/name.ts';

test.each([
  ['example.org', 'example.org'],
  ['  www.Example.org ', 'www.example.org'],
  ['https://www.example.org/a/b?c#d', 'www.example.org'],
  ['www.example.org/path', 'www.example.org'],
  ['example.org:8443', 'example.org'],
  ['http://user@example.org/', 'example.org'],
  ['bücher.example.org', 'xn--bcher-kva.example.org'],
  ['not a name', 'not a name'],
  ['', ''],
])('of %j the name %j is asked', (typed, name) => {
  expect(nameIn(typed)).toBe(name);
});

test.each([
  ['correct horse battery', 'correct horse battery', [false, false]],
  ['elevenchars', 'elevenchars', [true, false]],
  ['correct horse battery', 'correct horse', [false, true]],
  ['', 'x', [true, true]],
])('password %j repeated as %j is told what is wrong', (password, again, wrong) => {
  const told = wrongWithPassword({ name: 'A', email: 'a@example.org', password, again });
  expect(told.map((sentence) => sentence !== undefined)).toEqual(wrong);
});
