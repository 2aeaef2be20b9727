// Reads the lists of README lines: 001.txt to 004.txt, and later.txt for what this version does not do yet.
//
//   == NAME                      begins an entry
//   > TEXT                       the README's line that names what is asked, where its commands are not all there is
//   COMMAND                      what a user types: word for word the README's where that has a command
//   -- STATUS | exit CODE        the HTTP status of each curl, or how a command line ends; `x50` behind a status: so many
//                                requests; `surface` behind it: the body is as told only on a listener of that README's
//                                surface (CONTRACTS 6.2), elsewhere the status alone counts
//   PATTERN                      what is answered: see expect.mjs; nothing: an empty body
//
// In later.txt the text behind `--` is the reason.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const READMES = ['001', '002', '003', '004'];
export const LATER = 'later';

function readEntry(readme, text) {
  const [name, ...lines] = text.split('\n');
  const dash = lines.findIndex((line) => line.startsWith('-- '));
  if (dash < 0) throw new Error(`${readme}.txt: "${name}" has no line that begins with --`);
  const command = lines.slice(0, dash).filter((line) => !line.startsWith('> ')).join('\n').trim();
  const expected = lines.slice(dash + 1).join('\n').trim();
  const said = lines[dash].slice(3).trim();
  const entry = { readme, name: name.trim(), command, expected, exit: 0 };
  if (readme === LATER) return { ...entry, command: lines.slice(0, dash).join('\n').trim(), expected: said };
  const words = said.split(' ');
  if (words[0] === 'exit') return { ...entry, exit: Number(words[1]) };
  const times = words.find((word) => /^x\d+$/.test(word));
  return { ...entry, status: Number(words[0]), times: times ? Number(times.slice(1)) : 1, surface: words.includes('surface') };
}

export function readList(readme) {
  const text = readFileSync(join(import.meta.dirname, `${readme}.txt`), 'utf8');
  return text.split(/^== /m).slice(1).map((entry) => readEntry(readme, entry));
}
