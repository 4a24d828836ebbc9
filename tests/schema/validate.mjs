// Validates YAML files by a schema, with ajv: node validate.mjs MODULES SCHEMA FILE...
// Prints for each file `valid`, `invalid`, or `no-yaml` when it is not even that, and the file; of an invalid one
// also the first reason.
import {createRequire} from 'node:module';
import {readFileSync} from 'node:fs';

const [modules, schema, ...files] = process.argv.slice(2);
const require = createRequire(modules + '/');
const Ajv = require('ajv');
const {parseDocument} = require('yaml');

const ajv = new Ajv({allErrors: true, allowUnionTypes: true, strictSchema: true, strictTypes: true, logger: false});
ajv.addKeyword('doNotSuggest');  // known to editors
const validate = ajv.compile(JSON.parse(readFileSync(schema, 'utf8')));
for (const file of files) {
  // As in YAML 1.2: `22:00` and dates are text.
  const document = parseDocument(readFileSync(file, 'utf8'), {version: '1.2', schema: 'core', uniqueKeys: true});
  if (document.errors.length > 0) {
    console.log(`no-yaml ${file}`);
    continue;
  }
  let value;
  try {
    value = document.toJS({maxAliasCount: 100});
  } catch {
    console.log(`no-yaml ${file}`);
    continue;
  }
  if (validate(value)) {
    console.log(`valid ${file}`);
  } else {
    const {instancePath, message, params} = validate.errors[0];
    console.log(`invalid ${file} ${instancePath || '/'} ${message} ${JSON.stringify(params)}`);
  }
}
