// What an answer must be, as JSON with patterns in place of what varies:
//
//   "<text>"      a text that is not empty        "<number>"  a number that is not negative
//   "<share>"     a number from 0 to 1            "<whole>"   a whole number that is not negative
//   "<flag>"      true or false                   "<time>"    2026-01-02T10:00:00.000Z
//   "<uuid>"                                      "<object>"
//   "<X or null>" one of these, or null           "/.../"     a text in which the regular expression is found
//   [X, "<more>"] a list of one or more like X    [X, "<any>"]  a list of some like X, maybe none
//   ["<with>", X, ...]  a list that holds one like X, and so on
//
// Everything else is itself. Members that the pattern does not name may be there. An expectation that is no JSON is
// text: a regular expression per line, each found in the output.
import assert from 'node:assert/strict';

const KINDS = {
  text: (value) => typeof value === 'string' && value !== '',
  number: (value) => typeof value === 'number' && value >= 0,
  share: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  whole: (value) => Number.isInteger(value) && value >= 0,
  flag: (value) => typeof value === 'boolean',
  time: (value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value),
  uuid: (value) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value),
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

function fits(pattern, value) {
  try { compare(pattern, value, ''); return true; } catch { return false; }
}

function compareList(pattern, value, where) {
  assert.ok(Array.isArray(value), `${where} must be a list`);
  if (pattern[0] === '<with>') {
    for (const wanted of pattern.slice(1)) assert.ok(value.some((one) => fits(wanted, one)), `${where} must hold one like ${JSON.stringify(wanted)}, and is ${JSON.stringify(value).slice(0, 3000)}`);
    return;
  }
  const repeated = ['<more>', '<any>'].includes(pattern.at(-1));
  if (!repeated) assert.equal(value.length, pattern.length, `${where} has ${value.length} items: ${JSON.stringify(value).slice(0, 300)}`);
  if (pattern.at(-1) === '<more>') assert.ok(value.length > 0, `${where} is empty`);
  value.forEach((one, i) => compare(repeated ? pattern[0] : pattern[i], one, `${where}[${i}]`));
}

function compareText(pattern, value, where) {
  const kind = pattern.match(/^<(\w+)( or null)?>$/);
  if (kind && kind[2] && value === null) return;
  if (kind) {
    assert.ok(KINDS[kind[1]], `the pattern ${pattern} is unknown`);
    assert.ok(KINDS[kind[1]](value), `${where} must be ${pattern} and is ${JSON.stringify(value)}`);
  } else if (/^\/.*\/$/.test(pattern)) {
    assert.match(String(value), new RegExp(pattern.slice(1, -1)), where);
  } else {
    assert.equal(value, pattern, where);
  }
}

function compare(pattern, value, where) {
  if (typeof pattern === 'string') return compareText(pattern, value, where);
  if (Array.isArray(pattern)) return compareList(pattern, value, where);
  if (pattern === null || typeof pattern !== 'object') return assert.equal(value, pattern, where);
  assert.ok(KINDS.object(value), `${where} must be an object and is ${JSON.stringify(value)}`);
  for (const [name, inner] of Object.entries(pattern)) {
    assert.ok(name in value, `${where}.${name} is missing`);
    compare(inner, value[name], `${where}.${name}`);
  }
}

export function check(expected, body) {
  if (!/^[[{]/.test(expected)) return checkOutput(expected, body);
  let value;
  try { value = JSON.parse(body); } catch { assert.fail(`the answer is no JSON: ${body.slice(0, 300)}`); }
  compare(JSON.parse(expected), value, 'it');
}

export function checkOutput(expected, output) {
  if (/^[[{]/.test(expected)) return check(expected, output);
  for (const line of expected.split('\n')) assert.match(output, new RegExp(line, 'm'));
}
